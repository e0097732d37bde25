#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/compensated.h"

namespace millrace {

/// A sum, not a mean, and not annualised: the variance of the window itself.
struct RealizedVar {
  static constexpr Doc doc{
      .name = "realized_var",
      .title = "Realised variance of the window",
      .formula = "sum of r^2",
      .unit = "1 (squared return, per window)",
      .warmup = "the window",
      .reference = "Andersen, Bollerslev (1998), International Economic Review 39, 885-905",
  };

  struct Params {
    Window window{.rows = 20};
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows | by_time, 1, "returns, or a duration")};

  static constexpr std::array inputs{InputInfo{"r"}};
  static constexpr std::array outputs{OutputInfo{"realized_var"}};

  struct ByRow {
    using State = WindowSum;
    static std::int64_t lookback(const Params& p) { return p.window.rows; }

    static double update(const Params& p, State& s, Past r) noexcept {
      const auto count = static_cast<std::int64_t>(r.count);
      if (count > p.window.rows) {
        const double gone = r[p.window.rows];
        s.exchange(r[0] * r[0], gone * gone);
      } else {
        s.enter(r[0] * r[0]);
      }
      return std::min(count, p.window.rows) >= p.window.needed(1) ? s.value() : no_value;
    }
  };

  struct ByTime {
    struct Content {
      double squares = 0.0;
    };
    static constexpr std::int64_t fewest = 0;
    static void add(const Params&, Content& c, form::NoCarry&, const double* r, double) noexcept {
      c.squares += r[0] * r[0];
    }
    static void merge(Content& older, const Content& newer) noexcept { older.squares += newer.squares; }
    static double value(const Params&, const Content& c, const form::NoCarry&, const double*, double) noexcept {
      return c.squares;
    }
  };
};

}  // namespace millrace
