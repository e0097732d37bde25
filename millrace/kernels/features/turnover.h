#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/window_terms.h"

namespace millrace {

/// Each row's volume is set against the float of that row, which changes with issues and unlocks.
struct Turnover {
  static constexpr Doc doc{
      .name = "turnover",
      .title = "Volume as a share of the float",
      .formula = "sum of volume / float",
      .unit = "1",
      .warmup = "the window",
      .reference = "Lo, Wang (2000), Review of Financial Studies 13, 257-300",
  };

  struct Params {
    Window window{.rows = 1};
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows | by_time, 1, "rows, or a duration")};

  static constexpr std::array inputs{InputInfo{"volume"}, InputInfo{.name = "float", .is_positive = true}};
  static constexpr std::array outputs{OutputInfo{"turnover"}};

  struct ByRow {
    using State = WindowSum;
    static std::int64_t lookback(const Params& p) { return p.window.rows; }

    static double update(const Params& p, State& s, Past volume, Past shares) noexcept {
      slide_terms<1>(s, volume, p.window.rows, [&](std::int64_t k) { return volume[k] / shares[k]; });
      return rows_in(volume, p.window.rows) >= p.window.needed(1) ? s.value() : no_value;
    }
  };

  struct ByTime {
    using Content = CompensatedSum;
    static constexpr std::int64_t fewest = 0;
    static void add(const Params&, Content& c, form::NoCarry&, const double* x, double) noexcept { c.add(x[0] / x[1]); }
    static void merge(Content& older, const Content& newer) noexcept { older.merge(newer); }
    static double value(const Params&, const Content& c, const form::NoCarry&, const double*, double) noexcept {
      return c.value();
    }
  };
};

}  // namespace millrace
