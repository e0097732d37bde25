#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/window_terms.h"

namespace millrace {

/// What the error of realized_var is measured in.
struct RealizedQuarticity {
  static constexpr Doc doc{
      .name = "realized_quarticity",
      .title = "Realised quarticity of the window",
      .formula = "(n / 3) * sum of r^4",
      .unit = "1 (return to the fourth, per window)",
      .warmup = "the window",
      .reference = "Barndorff-Nielsen, Shephard (2002), J. Royal Statistical Society B 64, 253-280",
  };

  struct Params {
    Window window{.rows = 20};
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows | by_time, 1, "returns, or a duration")};

  static constexpr std::array inputs{InputInfo{"r"}};
  static constexpr std::array outputs{OutputInfo{"realized_quarticity"}};

  static double fourth(double r) noexcept { return (r * r) * (r * r); }

  struct ByRow {
    using State = WindowSum;
    static std::int64_t lookback(const Params& p) { return p.window.rows; }

    static double update(const Params& p, State& s, Past r) noexcept {
      slide_terms<1>(s, r, p.window.rows, [&](std::int64_t k) { return fourth(r[k]); });
      const std::int64_t n = rows_in(r, p.window.rows);
      return n >= p.window.needed(1) ? static_cast<double>(n) / 3.0 * s.value() : no_value;
    }
  };

  struct ByTime {
    struct Content {
      double returns = 0.0, sum = 0.0;
    };
    static constexpr std::int64_t fewest = 1;
    static void add(const Params&, Content& c, form::NoCarry&, const double* r, double) noexcept {
      c.returns += 1.0;
      c.sum += fourth(r[0]);
    }
    static void merge(Content& older, const Content& newer) noexcept {
      older.returns += newer.returns;
      older.sum += newer.sum;
    }
    static double value(const Params&, const Content& c, const form::NoCarry&, const double*, double) noexcept {
      return c.returns / 3.0 * c.sum;
    }
  };
};

}  // namespace millrace
