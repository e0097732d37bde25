#pragma once

#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// The first value has nothing to differ from and is null.
struct OpenInterestDelta {
  static constexpr Doc doc{
      .name = "open_interest_delta",
      .title = "Change of open interest",
      .formula = "oi[t] - oi[t - lag];  by time against the last value before the window",
      .unit = "unit of open interest",
      .warmup = "lag observations",
      .reference = "Bessembinder, Seguin (1993), J. Financial and Quantitative Analysis 28, 21-39",
  };

  struct Params {
    Window lag{.rows = 1};
  };
  static constexpr std::array params{
      lag_of<&Params::lag>("lag", by_rows | by_time, 1, "observations, or a duration such as 1h")};

  static constexpr std::array inputs{InputInfo{"open_interest"}};
  static constexpr std::array outputs{OutputInfo{"oi_delta"}};

  struct ByRow {
    static std::int64_t lookback(const Params& p) { return p.lag.rows; }

    struct State {};
    static double update(const Params& p, State&, Past x) noexcept {
      return x.count > static_cast<std::uint64_t>(p.lag.rows) ? x[0] - x[p.lag.rows] : no_value;
    }
  };

  struct ByTime {
    struct Content {
      double last = 0.0;
    };
    struct Carry {
      double before = no_value;  // the last value before the window
    };
    static constexpr std::int64_t fewest = 0;
    static const Window& window(const Params& p) { return p.lag; }
    static void add(const Params&, Content& c, Carry&, const double* x, double) noexcept { c.last = x[0]; }
    static void merge(Content& older, const Content& newer) noexcept { older = newer; }
    static void expire(Carry& carry, const Content& c) noexcept { carry.before = c.last; }
    static double value(const Params&, const Content&, const Carry& carry, const double* x, double) noexcept {
      return x[0] - carry.before;
    }
  };
};

}  // namespace millrace
