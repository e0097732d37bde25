#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/bar.h"
#include "millrace/kernels/numerics/window_terms.h"

namespace millrace {

/// The root of the mean; a mean of roots is too small.
struct ParkinsonVol {
  static constexpr Doc doc{
      .name = "parkinson_vol",
      .title = "Volatility from the range of bars",
      .formula = "sqrt(mean of ln(high / low)^2 / (4 * ln 2))",
      .unit = "1 (return, per bar)",
      .warmup = "the window",
      .reference = "Parkinson (1980), J. Business 53, 61-65",
  };

  struct Params {
    Window window{.rows = 20};
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows, 1, "bars")};

  struct State {
    WindowSum sum;
    Trail terms;
  };
  static constexpr std::array inputs{InputInfo{"high"}, InputInfo{"low"}};
  static constexpr std::array outputs{OutputInfo{"parkinson_vol"}};
  static std::size_t tail(const Params& p) { return Trail::doubles(p.window.rows); }

  static constexpr double four_ln2 = 2.772588722239781;

  static double update(const Params& p, State& s, double high, double low, Tail tail) noexcept {
    if (!is_range(high, low)) return no_value;
    const double range = log_ratio(high, low);
    const Past terms = s.terms.push(tail, p.window.rows, range * range);
    slide_terms<1>(s.sum, terms, p.window.rows, [&](std::int64_t k) { return terms[k]; });
    const std::int64_t n = rows_in(terms, p.window.rows);
    return n >= p.window.needed(1) ? std::sqrt(std::max(0.0, s.sum.value()) / (four_ln2 * static_cast<double>(n)))
                                   : no_value;
  }
};

}  // namespace millrace
