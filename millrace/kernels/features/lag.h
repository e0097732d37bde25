#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// Counts observations, not rows: a null between two values does not move the past.
struct Lag {
  static constexpr Doc doc{
      .name = "lag",
      .title = "The value some observations or some time ago",
      .formula = "x[t-k], or the last x before t - k",
      .unit = "unit of x",
      .warmup = "k + 1 observations, or the duration",
      .reference = "backward shift operator; Box, Jenkins (1970), Time Series Analysis, ch. 1",
  };

  struct Params {
    Window k{.rows = 1};
  };
  static constexpr std::array params{
      lag_of<&Params::k>("k", by_rows | by_time, 0, "observations, or a duration such as 10s")};

  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"lag"}};

  struct ByRow {
    struct State {};
    static std::int64_t lookback(const Params& p) { return p.k.rows; }

    static double update(const Params& p, State&, Past x) noexcept {
      return x.count > static_cast<std::uint64_t>(p.k.rows) ? x[p.k.rows] : no_value;
    }

    static void run(const Params& p, State&, Tail, const Frame& frame) noexcept {
      const auto k = static_cast<std::uint64_t>(p.k.rows);
      const std::size_t cold = frame.count >= k ? 0 : std::min<std::size_t>(frame.rows, k - frame.count);
      std::fill_n(frame.out[0], cold, no_value);
      std::copy_n(frame.in[0] + cold - p.k.rows, frame.rows - cold, frame.out[0] + cold);
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
    static const Window& window(const Params& p) { return p.k; }
    static void add(const Params&, Content& c, Carry&, const double* x, double) noexcept { c.last = x[0]; }
    static void merge(Content& older, const Content& newer) noexcept { older = newer; }
    static void expire(Carry& carry, const Content& c) noexcept { carry.before = c.last; }
    static double value(const Params&, const Content&, const Carry& carry, const double*, double) noexcept {
      return carry.before;
    }
  };
};

}  // namespace millrace
