#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/bar.h"
#include "millrace/kernels/numerics/window_terms.h"

namespace millrace {

/// A trend within the bars adds nothing, unlike in parkinson_vol and gk_vol.
struct RogersSatchellVol {
  static constexpr Doc doc{
      .name = "rogers_satchell_vol",
      .title = "Volatility from bars, whatever their drift",
      .formula = "sqrt(mean of ln(high / close) * ln(high / open) + ln(low / close) * ln(low / open))",
      .unit = "1 (return, per bar)",
      .warmup = "the window",
      .reference = "Rogers, Satchell (1991), Annals of Applied Probability 1, 504-512",
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
  static constexpr std::array outputs{OutputInfo{"rogers_satchell_vol"}};
  static std::size_t tail(const Params& p) { return Trail::doubles(p.window.rows); }

  static double update(const Params& p, State& s, double open, double high, double low, double close,
                       Tail tail) noexcept {
    if (!is_bar(open, high, low, close)) return no_value;
    const Past terms = s.terms.push(tail, p.window.rows, rogers_satchell(open, high, low, close));
    slide_terms<1>(s.sum, terms, p.window.rows, [&](std::int64_t k) { return terms[k]; });
    const std::int64_t n = rows_in(terms, p.window.rows);
    return n >= p.window.needed(1) ? std::sqrt(std::max(0.0, s.sum.value()) / static_cast<double>(n)) : no_value;
  }
};

}  // namespace millrace
