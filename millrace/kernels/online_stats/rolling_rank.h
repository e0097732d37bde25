#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/order_statistics.h"

namespace millrace {

/// Ties take their average rank: on a market that stands still the newest value is in the middle, not at an end. By
/// time each bucket gives one sample, its last observation.
struct RollingRank {
  static constexpr Doc doc{
      .name = "rolling_rank",
      .title = "Rank of the newest value in the window",
      .formula = "(average rank of x[t] - 1) / (n - 1)",
      .unit = "1, from 0 (lowest) to 1 (highest)",
      .warmup = "the window",
      .reference = "Kendall (1945), Biometrika 33, 239-251 (ties)",
  };

  struct Params {
    Window window{.rows = 100};
  };
  static constexpr std::array params{
      window<&Params::window>("window", by_rows | by_time, 2, "observations, or a duration")};

  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"rank"}};

  struct ByRow {
    using State = SortedWindow;
    static std::int64_t lookback(const Params& p) { return p.window.rows; }
    static std::size_t tail(const Params& p) { return static_cast<std::size_t>(p.window.rows); }

    static double update(const Params& p, State& s, Past x, Tail sorted) noexcept {
      s.slide(x, p.window.rows, sorted);
      if (s.held < p.window.needed(2)) return no_value;
      const double* low = std::lower_bound(sorted, sorted + s.held, x[0]);
      const double* high = std::upper_bound(low, static_cast<const double*>(sorted + s.held), x[0]);
      return average_rank(low - sorted, high - low, s.held);
    }
  };

  struct ByTime {
    using Content = form::Sample;
    static constexpr std::int64_t fewest = 1;
    static void add(const Params&, Content& c, form::NoCarry&, const double* x, double) noexcept { c.value = x[0]; }
    static double value(const Params&, const form::Samples& all, const form::NoCarry&, const double* x,
                        double) noexcept {
      const std::int64_t below = all.below(x[0]);
      return average_rank(below, all.up_to(x[0]) - below, all.size());
    }
  };
};

}  // namespace millrace
