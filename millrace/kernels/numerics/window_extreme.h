#pragma once

#include "millrace/kernels/kernel.h"

namespace millrace {

/// Largest value of a sliding window: the numbers of the observations that no newer one is above, newest last, in a
/// ring of window + 1 doubles (Lemire 2006). `sign` -1 makes it the smallest.
struct WindowExtreme {
  std::int64_t head = 0, size = 0;

  static std::size_t doubles(std::int64_t window) noexcept { return static_cast<std::size_t>(window + 1); }

  /// Drops what is `too_old` or more observations older than the newest of x: at most one since the last call.
  void drop(const double* ring, Past x, std::int64_t window, std::int64_t too_old) noexcept {
    if (size > 0 && age(ring[head], x) >= too_old) {
      head = next(head, 1, window);
      --size;
    }
  }
  void push(double* ring, Past x, std::int64_t window, double sign) noexcept {
    while (size > 0 && sign * x[age(ring[next(head, size - 1, window)], x)] <= sign * x[0]) --size;
    ring[next(head, size++, window)] = static_cast<double>(x.count - 1);
  }
  double value(const double* ring, Past x) const noexcept { return x[age(ring[head], x)]; }

 private:
  static std::int64_t age(double number, Past x) noexcept {
    return static_cast<std::int64_t>(x.count - 1) - static_cast<std::int64_t>(number);
  }
  static std::int64_t next(std::int64_t at, std::int64_t steps, std::int64_t window) noexcept {
    const std::int64_t slot = at + steps;
    return slot > window ? slot - window - 1 : slot;
  }
};

}  // namespace millrace
