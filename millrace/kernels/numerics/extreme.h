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

/// Forms of a rolling extreme of a kernel with parameters `P`.
template <class P, class Extreme>
struct RollingExtreme {
  /// The rows are cut into blocks of the window's length: a window is the end of one block and the start of the next
  /// (van Herk 1992, Gil, Werman 1993). The ends are taken once, as a block closes; the start is one comparison a row.
  struct ByRow {
    struct State {
      double start = Extreme::none;  // of the open block so far
    };
    static std::int64_t lookback(const P& p) { return p.window.rows - 1; }
    static std::size_t tail(const P& p) { return static_cast<std::size_t>(p.window.rows); }

    static double update(const P& p, State& s, Past x, Tail ends) noexcept {
      const auto count = static_cast<std::int64_t>(x.count);
      const std::int64_t w = p.window.rows, place = (count - 1) % w;
      s.start = place == 0 ? x[0] : Extreme::of(s.start, x[0]);
      if (place == w - 1) {
        double extreme = Extreme::none;
        for (std::int64_t k = 0; k < w; ++k) ends[w - 1 - k] = extreme = Extreme::of(extreme, x[k]);
        return s.start;
      }
      if (count > w) return Extreme::of(s.start, ends[place + 1]);
      return count >= p.window.needed(1) ? s.start : no_value;
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
