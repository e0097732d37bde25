#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/order_statistics.h"

namespace millrace {

/// By rows the window is kept sorted. By time each bucket gives one sample, its last observation: a busy second must
/// not outvote a quiet one.
struct RollingQuantile {
  static constexpr Doc doc{
      .name = "rolling_quantile",
      .title = "Quantile of the window",
      .formula = "linear between order statistics at (n - 1) * q (type 7)",
      .unit = "unit of x",
      .warmup = "the window",
      .reference = "Hyndman, Fan (1996), The American Statistician 50, 361-365",
  };

  struct Params {
    double q = 0.5;
    Window window{.rows = 100};
  };
  static constexpr std::array params{
      number<&Params::q>("q", 0.0, 1.0, "0.5 is the median"),
      window<&Params::window>("window", by_rows | by_time, 1, "observations, or a duration")};

  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"quantile"}};

  struct ByRow {
    using State = SortedWindow;
    static std::int64_t lookback(const Params& p) { return p.window.rows; }
    static std::size_t tail(const Params& p) { return static_cast<std::size_t>(p.window.rows); }

    static double update(const Params& p, State& s, Past x, Tail sorted) noexcept {
      s.slide<false>(x, p.window.rows, sorted);
      return s.held >= p.window.needed(1) ? quantile(sorted, s.held, p.q) : no_value;
    }
  };

  struct ByTime {
    using Content = form::Sample;
    static constexpr std::int64_t fewest = 1;
    static void add(const Params&, Content& c, form::NoCarry&, const double* x, double) noexcept { c.value = x[0]; }
    static double value(const Params& p, const form::Samples& all, const form::NoCarry&, const double*,
                        double) noexcept {
      return quantile(all, all.size(), p.q);
    }
  };
};

}  // namespace millrace
