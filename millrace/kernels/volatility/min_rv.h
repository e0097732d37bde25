#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/window_terms.h"

namespace millrace {

/// A jump is dropped whole, at the price of more noise than medrv.
struct MinRv {
  static constexpr Doc doc{
      .name = "min_rv",
      .title = "Realised variance by the smaller of two neighbours",
      .formula = "pi / (pi - 2) * (n / (n - 1)) * sum of min(|r[i]|, |r[i-1]|)^2",
      .unit = "1 (squared return, per window)",
      .warmup = "the window",
      .reference = "Andersen, Dobrev, Schaumburg (2012), J. Econometrics 169, 75-93",
  };

  struct Params {
    Window window{.rows = 20};
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows, 2, "returns")};

  using State = WindowSum;
  static constexpr std::array inputs{InputInfo{"r"}};
  static constexpr std::array outputs{OutputInfo{"min_rv"}};
  static std::int64_t lookback(const Params& p) { return p.window.rows; }

  static constexpr double scale = 2.751938393884109;  // pi / (pi - 2)

  static double update(const Params& p, State& s, Past r) noexcept {
    slide_terms<2>(s, r, p.window.rows, [&](std::int64_t k) {
      const double least = std::min(std::abs(r[k]), std::abs(r[k + 1]));
      return least * least;
    });
    const std::int64_t n = rows_in(r, p.window.rows);
    if (n < p.window.needed(2)) return no_value;
    return scale * static_cast<double>(n) * s.value() / static_cast<double>(n - 1);
  }
};

}  // namespace millrace
