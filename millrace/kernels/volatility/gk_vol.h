#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/bar.h"
#include "millrace/kernels/numerics/window_terms.h"

namespace millrace {

/// Range and move together need a seventh of the bars that closes alone do; it takes the drift for zero.
struct GkVol {
  static constexpr Doc doc{
      .name = "gk_vol",
      .title = "Volatility from range and move of bars",
      .formula = "sqrt(mean of ln(high / low)^2 / 2 - (2 * ln 2 - 1) * ln(close / open)^2)",
      .unit = "1 (return, per bar)",
      .warmup = "the window",
      .reference = "Garman, Klass (1980), J. Business 53, 67-78",
  };

  struct Params {
    Window window{.rows = 20};
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows, 1, "bars")};

  struct State {
    WindowSum sum;
    Trail terms;
  };
  static constexpr std::array inputs{InputInfo{"open"}, InputInfo{"high"}, InputInfo{"low"}, InputInfo{"close"}};
  static constexpr std::array outputs{OutputInfo{"gk_vol"}};
  static std::size_t tail(const Params& p) { return Trail::doubles(p.window.rows); }

  static constexpr double share = 0.38629436111989063;  // 2 ln 2 - 1

  static double update(const Params& p, State& s, double open, double high, double low, double close,
                       Tail tail) noexcept {
    if (!is_bar(open, high, low, close)) return no_value;
    const double range = log_ratio(high, low), move = log_ratio(close, open);
    const Past terms = s.terms.push(tail, p.window.rows, 0.5 * range * range - share * move * move);
    slide_terms<1>(s.sum, terms, p.window.rows, [&](std::int64_t k) { return terms[k]; });
    const std::int64_t n = rows_in(terms, p.window.rows);
    return n >= p.window.needed(1) ? std::sqrt(std::max(0.0, s.sum.value()) / static_cast<double>(n)) : no_value;
  }
};

}  // namespace millrace
