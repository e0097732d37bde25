#pragma once

#include <array>
#include <cmath>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/pair_sums.h"
#include "millrace/kernels/numerics/two_passes.h"

namespace millrace {

/// The half-life is -ln 2 / ln phi of the discrete series; -ln 2 / (phi - 1) is wrong away from phi = 1.
struct OuHalfLife {
  static constexpr Doc doc{
      .name = "ou_half_life",
      .title = "Half-life, mean and persistence of a mean-reverting series",
      .formula = "x[t] = c + phi * x[t-1] by least squares;  mean = c / (1 - phi);  half-life = -ln 2 / ln phi",
      .unit = "observations; unit of x; 1",
      .warmup = "window + 1 observations; half-life null unless 0 < phi < 1, mean null unless |phi| < 1",
      .reference = "Uhlenbeck, Ornstein (1930), Physical Review 36, 823-841",
  };

  struct Params {
    Window window{.rows = 250};
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows, 2, "pairs of neighbours")};

  using State = PairSums;
  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"ou_half_life"}, OutputInfo{"ou_mean"}, OutputInfo{"ou_phi"}};
  static std::int64_t lookback(const Params& p) { return p.window.rows + 1; }

  static constexpr std::array<double, 3> nothing{no_value, no_value, no_value};

  static std::array<double, 3> value(const Pairs& s, double n) noexcept {
    const Moments now = Powers{s.shift_u, s.u, s.uu, 0.0, 0.0}.moments(n),
                  before = Powers{s.shift_v, s.v, s.vv, 0.0, 0.0}.moments(n);
    if (before.m2 == 0.0) return nothing;
    const double product = s.uv - s.u * before.offset;
    const double least = 16.0 * std::numeric_limits<double>::epsilon() * std::sqrt(now.m2) * std::sqrt(before.m2);
    const double phi = std::abs(product) <= least ? 0.0 : product / before.m2;
    const double step = (s.shift_u - s.shift_v) + (now.offset - before.offset);  // between the two means
    return {phi > 0.0 && phi < 1.0 ? -0.6931471805599453 / std::log(phi) : no_value,
            std::abs(phi) < 1.0 ? before.mean + step / (1.0 - phi) : no_value, phi};
  }

  static std::array<double, 3> update(const Params& p, State& s, Past x) noexcept {
    const std::int64_t pairs = static_cast<std::int64_t>(x.count) - 1;
    if (pairs <= 0) return nothing;
    s.slide(x, Past{x.newest - 1, x.count}, pairs, p.window.rows);
    const std::int64_t n = std::min(pairs, p.window.rows);
    return n >= p.window.needed(2) ? value(s.now(), static_cast<double>(n)) : nothing;
  }
};

}  // namespace millrace
