#pragma once

#include <algorithm>
#include <limits>

#include "millrace/kernels/bucket_ring.h"

namespace millrace {

struct Lowest {
  static constexpr double none = std::numeric_limits<double>::infinity();
  static double of(double a, double b) noexcept { return std::min(a, b); }
};
struct Highest {
  static constexpr double none = -std::numeric_limits<double>::infinity();
  static double of(double a, double b) noexcept { return std::max(a, b); }
};

/// Extreme of the last w observations. The rows are cut into blocks of the window's length: a window is the end of one
/// block and the start of the next (van Herk 1992; Gil, Werman 1993). The ends are taken once, as a block closes; the
/// start is one comparison a row.
template <class Extreme>
struct BlockExtreme {
  double start = Extreme::none;  // of the open block so far

  static std::size_t doubles(std::int64_t window) noexcept { return static_cast<std::size_t>(window); }

  /// Takes in x[0] and answers for the last min(count, window) of x. `ends` is memory for `doubles(window)`.
  /// REQUIRES: x looks back at least window - 1.
  double slide(Past x, std::int64_t window, double* ends) noexcept {
    const auto count = static_cast<std::int64_t>(x.count);
    const std::int64_t place = (count - 1) % window;
    start = place == 0 ? x[0] : Extreme::of(start, x[0]);
    if (place == window - 1) {
      double extreme = Extreme::none;
      for (std::int64_t k = 0; k < window; ++k) ends[window - 1 - k] = extreme = Extreme::of(extreme, x[k]);
      return start;
    }
    return count > window ? Extreme::of(start, ends[place + 1]) : start;
  }
};

/// Forms of a rolling extreme of a kernel with parameters `P`.
template <class P, class Extreme>
struct RollingExtreme {
  struct ByRow {
    using State = BlockExtreme<Extreme>;
    static std::int64_t lookback(const P& p) { return p.window.rows - 1; }
    static std::size_t tail(const P& p) { return State::doubles(p.window.rows); }

    static double update(const P& p, State& s, Past x, Tail ends) noexcept {
      const double extreme = s.slide(x, p.window.rows, ends);
      return std::min(static_cast<std::int64_t>(x.count), p.window.rows) >= p.window.needed(1) ? extreme : no_value;
    }
  };

  struct ByTime {
    struct Content {
      double extreme = Extreme::none;
    };
    static constexpr std::int64_t fewest = 1;
    static void add(const P&, Content& c, form::NoCarry&, const double* x, double) noexcept {
      c.extreme = Extreme::of(c.extreme, x[0]);
    }
    static void merge(Content& older, const Content& newer) noexcept {
      older.extreme = Extreme::of(older.extreme, newer.extreme);
    }
    static double value(const P&, const Content& c, const form::NoCarry&, const double*, double) noexcept {
      return c.extreme;
    }
  };
};

}  // namespace millrace
