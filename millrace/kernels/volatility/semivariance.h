#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/window_terms.h"

namespace millrace {

/// The two add up to realized_var.
struct Semivariance {
  static constexpr Doc doc{
      .name = "semivariance",
      .title = "Realised variance of falls and of rises",
      .formula = "down = sum of r^2 over r < 0;  up = sum of r^2 over r > 0",
      .unit = "1 (squared return, per window)",
      .warmup = "the window",
      .reference = "Barndorff-Nielsen, Kinnebrock, Shephard (2010), in Volatility and Time Series Econometrics, ch. 7",
  };

  struct Params {
    Window window{.rows = 20};
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows | by_time, 1, "returns, or a duration")};

  static constexpr std::array inputs{InputInfo{"r"}};
  static constexpr std::array outputs{OutputInfo{"semivar_down"}, OutputInfo{"semivar_up"}};

  static double fall(double r) noexcept { return r < 0.0 ? r * r : 0.0; }
  static double rise(double r) noexcept { return r > 0.0 ? r * r : 0.0; }

  struct ByRow {
    struct State {
      WindowSum down, up;
    };
    static std::int64_t lookback(const Params& p) { return p.window.rows; }

    static std::array<double, 2> update(const Params& p, State& s, Past r) noexcept {
      slide_terms<1>(s.down, r, p.window.rows, [&](std::int64_t k) { return fall(r[k]); });
      slide_terms<1>(s.up, r, p.window.rows, [&](std::int64_t k) { return rise(r[k]); });
      if (rows_in(r, p.window.rows) < p.window.needed(1)) return {no_value, no_value};
      return {s.down.value(), s.up.value()};
    }
  };

  struct ByTime {
    struct Content {
      double down = 0.0, up = 0.0;
    };
    static constexpr std::int64_t fewest = 0;
    static void add(const Params&, Content& c, form::NoCarry&, const double* r, double) noexcept {
      c.down += fall(r[0]);
      c.up += rise(r[0]);
    }
    static void merge(Content& older, const Content& newer) noexcept {
      older.down += newer.down;
      older.up += newer.up;
    }
    static std::array<double, 2> value(const Params&, const Content& c, const form::NoCarry&, const double*,
                                       double) noexcept {
      return {c.down, c.up};
    }
  };
};

}  // namespace millrace
