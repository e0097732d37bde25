#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/pair_products.h"
#include "millrace/kernels/numerics/window_terms.h"

namespace millrace {

/// Trades that bounce between bid and ask make neighbouring changes oppose each other; where they do not, there is no
/// answer.
struct RollSpread {
  static constexpr Doc doc{
      .name = "roll_spread",
      .title = "Spread from the bounce of prices",
      .formula =
          "2 * sqrt(-cov(dp[t], dp[t-1])), sample covariance of the w - 1 pairs;  signed: -2 * sqrt(cov) where cov > 0",
      .unit = "unit of dp",
      .warmup = "the window",
      .reference = "Roll (1984), J. Finance 39, 1127-1139; Harris (1990), J. Finance 45, 579-590",
  };

  struct Params {
    Window window{.rows = 100};
    bool is_signed = false;
  };
  static constexpr std::array params{
      window<&Params::window>("window", by_rows, 3, "price changes"),
      flag<&Params::is_signed>("signed", "answers a covariance >= 0 too, with a negative spread")};

  using State = PairSums;
  static constexpr std::array inputs{InputInfo{"dp"}};
  static constexpr std::array outputs{OutputInfo{"roll_spread"}};
  static std::int64_t lookback(const Params& p) { return p.window.rows; }

  static double update(const Params& p, State& s, Past dp) noexcept {
    const std::int64_t pairs = static_cast<std::int64_t>(dp.count) - 1;
    if (pairs == 0) return no_value;
    s.slide(dp, Past{dp.newest - 1, dp.count}, pairs, p.window.rows - 1);
    const std::int64_t rows = rows_in(dp, p.window.rows);
    if (rows < p.window.needed(3)) return no_value;
    const auto n = static_cast<double>(rows - 1);
    const double covariance = products(s.now(), n).uv / (n - 1.0);
    if (covariance < 0.0) return 2.0 * std::sqrt(-covariance);
    return p.is_signed ? -2.0 * std::sqrt(covariance) + 0.0 : no_value;
  }
};

}  // namespace millrace
