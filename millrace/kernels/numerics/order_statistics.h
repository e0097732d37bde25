#pragma once

#include <algorithm>
#include <cstdint>

#include "millrace/kernels/kernel.h"

namespace millrace {

/// Quantile of n sorted values, linear between order statistics at (n − 1) q: type 7 of Hyndman, Fan (1996). `sorted`
/// is a pointer or anything else that takes an index.
template <class Sorted>
inline double quantile(const Sorted& sorted, std::int64_t n, double q) noexcept {
  const double place = static_cast<double>(n - 1) * q;
  const auto below = std::min(static_cast<std::int64_t>(place), n - 1);
  const double low = sorted[below], high = sorted[std::min(below + 1, n - 1)];
  return low + (place - static_cast<double>(below)) * (high - low);
}

/// Average rank among n values, from 0 (the smallest) to 1; null for a single value.
inline double average_rank(std::int64_t below, std::int64_t equal, std::int64_t n) noexcept {
  return (static_cast<double>(below) + 0.5 * static_cast<double>(equal - 1)) / static_cast<double>(n - 1);
}

/// All values of a window, sorted in the tail: a search to find the place, one memmove to open it.
struct SortedWindow {
  std::int64_t held = 0;

  /// Takes in x[0]; x[window] leaves.
  void slide(Past x, std::int64_t window, Tail sorted) noexcept {
    if (held < window) {
      insert(sorted, x[0]);
    } else {
      replace(sorted, x[window], x[0]);
    }
  }

 private:
  void insert(Tail sorted, double in) noexcept {
    double* at = std::upper_bound(sorted, sorted + held, in);
    std::copy_backward(at, sorted + held, sorted + held + 1);
    *at = in;
    ++held;
  }
  /// REQUIRES: `out` is in the tail.
  void replace(Tail sorted, double out, double in) noexcept {
    double* gone = std::lower_bound(sorted, sorted + held, out);
    if (in >= out) {
      double* at = std::upper_bound(gone, sorted + held, in) - 1;
      std::copy(gone + 1, at + 1, gone);
      *at = in;
    } else {
      double* at = std::upper_bound(sorted, gone, in);
      std::copy_backward(at, gone, gone + 1);
      *at = in;
    }
  }
};

}  // namespace millrace
