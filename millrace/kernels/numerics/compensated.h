#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "millrace/kernels/numerics/row_lanes.h"

namespace millrace {

/// A running sum whose rounding errors are kept and added back (Ogita, Rump, Oishi 2005): terms may enter and leave for
/// ever, and a term 1e16 times the rest leaves the rest exact. The chain from one row to the next is a single addition.
struct CompensatedSum {
  double high = 0.0, low = 0.0;

  void add(double x) noexcept { take(x, 0.0); }

  /// Adds `in` and takes `out` away. Their difference and its error are formed beside the chain.
  void exchange(double in, double out) noexcept {
    const double step = in - out;
    const double part = step - in;
    take(step, (in - (step - part)) - (out + part));
  }
  /// `exchange` for four rows; the sum after each. Only the two additions of a row wait for the row before.
  Lanes exchange_rows(Lanes in, Lanes out) noexcept {
    const Lanes step = in - out;
    const Lanes part = step - in;
    const Lanes error = (in - (step - part)) - (out + part);
    const double a = high + step[0], b = a + step[1], c = b + step[2], d = c + step[3];
    const Lanes sum{a, b, c, d}, before{high, a, b, c};
    const Lanes grown = sum - before;
    const Lanes lost = ((before - (sum - grown)) + (step - grown)) + error;
    const double e = low + lost[0], f = e + lost[1], g = f + lost[2], h = g + lost[3];
    high = d;
    low = h;
    return sum + Lanes{e, f, g, h};
  }
  void merge(const CompensatedSum& other) noexcept { take(other.high, other.low); }
  double value() const noexcept { return high + low; }

 private:
  void take(double x, double error) noexcept {
    const double sum = high + x;
    const double part = sum - high;
    low += ((high - (sum - part)) + (x - part)) + error;
    high = sum;
  }
};

/// Four such sums in one vector register, for sums that move together.
struct CompensatedLanes {
  double high[4] = {}, low[4] = {};

  /// The sums while a loop holds them in registers.
  struct Held {
    Lanes high, low;

    void add(Lanes x) noexcept { take(x, Lanes{}); }
    void exchange(Lanes in, Lanes out) noexcept {
      const Lanes step = in - out;
      const Lanes part = step - in;
      take(step, (in - (step - part)) - (out + part));
    }
    Lanes value() const noexcept { return high + low; }

   private:
    void take(Lanes x, Lanes error) noexcept {
      const Lanes sum = high + x;
      const Lanes part = sum - high;
      low += ((high - (sum - part)) + (x - part)) + error;
      high = sum;
    }
  };
  Held held() const noexcept {
    Held h;
    std::memcpy(&h.high, high, sizeof high);
    std::memcpy(&h.low, low, sizeof low);
    return h;
  }
  void hold(const Held& h) noexcept {
    std::memcpy(high, &h.high, sizeof high);
    std::memcpy(low, &h.low, sizeof low);
  }
  double value(std::size_t lane) const noexcept { return high[lane] + low[lane]; }
};

/// A compensated sum over a window of terms. It is exactly 0 when all of them are: a quiet window must not divide by
/// the rounding errors of a loud one.
struct WindowSum {
  CompensatedSum sum;
  std::int64_t filled = 0;  // terms that are not 0

  void enter(double in) noexcept {
    sum.add(in);
    filled += in != 0.0 ? 1 : 0;
  }
  void exchange(double in, double out) noexcept {
    sum.exchange(in, out);
    filled += (in != 0.0 ? 1 : 0) - (out != 0.0 ? 1 : 0);
    if (filled == 0) sum = CompensatedSum{};
  }
  double value() const noexcept { return sum.value(); }

  /// `exchange` for rows of a full window at x, x + 1, …, of the terms x - origin; gives out the value after each.
  void slide_all(const double* x, std::size_t rows, std::int64_t window, double origin, double* values) noexcept {
    WindowSum s = *this;
    const double* gone = x - window;
    std::size_t row = 0;
    const auto slide_to = [&](std::size_t end) {
      for (; row < end; ++row) {
        s.exchange(x[row] - origin, gone[row] - origin);
        values[row] = s.value();
      }
    };
    while (row + lanes <= rows) {
      const Lanes in = load_lanes(x + row) - origin, out = load_lanes(gone + row) - origin;
      if (any_of((in == 0.0) | (out == 0.0))) {  // `filled` changes
        slide_to(row + lanes);
        continue;
      }
      store_lanes(values + row, s.sum.exchange_rows(in, out));
      row += lanes;
    }
    slide_to(rows);
    *this = s;
  }
};

}  // namespace millrace
