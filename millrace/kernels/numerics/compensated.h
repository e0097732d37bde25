#pragma once

#include <cstddef>
#include <cstring>

namespace millrace {

/// A running sum whose rounding errors are kept and added back (Ogita, Rump, Oishi 2005): terms may enter and leave for
/// ever, and a term 1e16 times the rest leaves the rest exact. The chain from one row to the next is a single addition.
struct CompensatedSum {
  double high = 0.0, low = 0.0;

  void add(double x) noexcept {
    const double sum = high + x;
    const double part = sum - high;
    low += (high - (sum - part)) + (x - part);
    high = sum;
  }
  double value() const noexcept { return high + low; }
};

/// Four such sums in one vector register, for sums that move together.
struct CompensatedLanes {
  using Lanes = double __attribute__((vector_size(32)));
  double high[4] = {}, low[4] = {};

  void add(Lanes x) noexcept {
    Lanes h, l;
    std::memcpy(&h, high, sizeof h);
    std::memcpy(&l, low, sizeof l);
    const Lanes sum = h + x;
    const Lanes part = sum - h;
    l += (h - (sum - part)) + (x - part);
    std::memcpy(high, &sum, sizeof sum);
    std::memcpy(low, &l, sizeof l);
  }
  /// Adds `in` and takes `out` away.
  void exchange(Lanes in, Lanes out) noexcept {
    add(in);
    add(-out);
  }
  double value(std::size_t lane) const noexcept { return high[lane] + low[lane]; }
};

}  // namespace millrace
