#pragma once

#include <algorithm>
#include <cstdint>

#include "millrace/kernels/kernel.h"

namespace millrace {

/// The smallest values of a window, sorted, somewhat more of them than are wanted. Most values are above them as they
/// enter and as they leave, and cost one comparison; where too many of the smallest have left, they are taken anew from
/// the window.
struct Smallest {
  std::int64_t held = 0;  // sorted values in the tail

  static std::int64_t capacity(std::int64_t wanted, std::int64_t window) noexcept {
    return std::min(wanted + std::max<std::int64_t>(wanted, 6), window);
  }

  /// Takes in x[0]; x[window] leaves. Afterwards the tail holds at least the `wanted` smallest of the window.
  /// REQUIRES: wanted >= 2, so that one leaving does not empty the tail.
  void slide(Past x, std::int64_t window, std::int64_t wanted, Tail sorted) noexcept {
    const std::int64_t most = capacity(wanted, window);
    const auto count = static_cast<std::int64_t>(x.count);
    const std::int64_t n = std::min(count, window);
    if (count > window && x[window] <= sorted[held - 1]) remove(sorted, x[window]);
    const bool is_whole = held == n - 1;  // nothing of the window is outside the tail
    if (is_whole || x[0] < sorted[held - 1]) {
      if (held < most || x[0] < sorted[held - 1]) insert(sorted, most, x[0]);
    }
    if (held < std::min(wanted, n)) refill(sorted, most, x, n);
  }

 private:
  /// Makes room by the largest where the tail is full. No branch depends on where x goes.
  void insert(Tail sorted, std::int64_t most, double x) noexcept {
    if (held == most) --held;
    double carried = x;
    for (std::int64_t i = 0; i < held; ++i) {
      const double here = sorted[i];
      sorted[i] = std::min(here, carried);
      carried = std::max(here, carried);
    }
    sorted[held++] = carried;
  }
  /// REQUIRES: x is in the tail.
  void remove(Tail sorted, double x) noexcept {
    --held;
    for (std::int64_t i = 0; i < held; ++i) sorted[i] = sorted[i] < x ? sorted[i] : sorted[i + 1];
  }
  void refill(Tail sorted, std::int64_t most, Past x, std::int64_t n) noexcept {
    held = 0;
    for (std::int64_t k = 0; k < n; ++k) {
      if (held < most || x[k] < sorted[most - 1]) insert(sorted, most, x[k]);
    }
  }
};

}  // namespace millrace
