#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/power_sums.h"
#include "millrace/kernels/numerics/row_sum.h"
#include "millrace/kernels/numerics/two_passes.h"

namespace millrace {

/// The mean of full windows only: a mean over what happens to be there yet would look like a price that moves.
struct Sma {
  static constexpr Doc doc{
      .name = "sma",
      .title = "Simple moving average",
      .formula = "mean of x over the window",
      .unit = "unit of x",
      .warmup = "the window",
      .reference = "Murphy (1999), Technical Analysis of the Financial Markets, ch. 9",
  };
  static constexpr std::uint16_t version = 2;

  struct Params {
    Window window{.rows = 20};
  };
  static constexpr std::array params{
      window<&Params::window>("window", by_rows | by_time, 1, "observations, or a duration")};

  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"sma"}};

  struct ByRow {
    struct State {
      RowSum sum;  // about the first observation: prices are large and their moves small
      double origin = 0.0;
    };
    static std::int64_t lookback(const Params& p) { return p.window.rows; }

    static double update(const Params& p, State& s, Past x) noexcept {
      if (x.count == 1) s.origin = x[0];
      const double sum = s.sum.slide(x, p.window.rows, s.origin);
      const std::int64_t n = std::min(static_cast<std::int64_t>(x.count), p.window.rows);
      return n >= p.window.needed(1) ? s.origin + sum * (1.0 / static_cast<double>(n)) : no_value;
    }
    static void run(const Params& p, State& s, Tail, const Frame& frame) noexcept {
      const double share = 1.0 / static_cast<double>(p.window.rows);
      in_full_window<ByRow>(p, s, p.window.rows, frame, [&](std::size_t from, std::size_t to) {
        const double origin = s.origin;
        double sums[pass_rows];
        s.sum.slide_all(frame.in[0] + from, to - from, p.window.rows, origin, sums);
        store_block(frame, from, to, [&](std::size_t i) { return origin + sums[i - from] * share; });
      });
    }
  };

  struct ByTime {
    using Content = BucketMoments;
    static constexpr std::int64_t fewest = 1;
    static void add(const Params&, Content& c, form::NoCarry&, const double* x, double origin) noexcept {
      c.add(x[0] - origin);
    }
    static void merge(Content& older, const Content& newer) noexcept { older.merge(newer); }
    static double value(const Params&, const Content& c, const form::NoCarry&, const double*, double origin) noexcept {
      return origin + c.mean;
    }
  };
};

}  // namespace millrace
