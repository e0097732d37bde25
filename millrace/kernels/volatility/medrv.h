#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/window_terms.h"

namespace millrace {

/// The median of three neighbours never is a jump, unless two come together; a quiet zero enters only if it has
/// company.
struct Medrv {
  static constexpr Doc doc{
      .name = "medrv",
      .title = "Realised variance by medians of three neighbours",
      .formula = "pi / (6 - 4 * sqrt(3) + pi) * (n / (n - 2)) * sum of median(|r[i-1]|, |r[i]|, |r[i+1]|)^2",
      .unit = "1 (squared return, per window)",
      .warmup = "the window",
      .reference = "Andersen, Dobrev, Schaumburg (2012), J. Econometrics 169, 75-93",
  };

  struct Params {
    Window window{.rows = 20};
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows, 3, "returns")};

  using State = WindowSum;
  static constexpr std::array inputs{InputInfo{"r"}};
  static constexpr std::array outputs{OutputInfo{"medrv"}};
  static std::int64_t lookback(const Params& p) { return p.window.rows; }

  static constexpr double scale = 1.4193583020224412;  // pi / (6 - 4 sqrt(3) + pi)

  static double median(double a, double b, double c) noexcept {
    return std::max(std::min(a, b), std::min(std::max(a, b), c));
  }
  static double update(const Params& p, State& s, Past r) noexcept {
    slide_terms<3>(s, r, p.window.rows, [&](std::int64_t k) {
      const double middle = median(std::abs(r[k]), std::abs(r[k + 1]), std::abs(r[k + 2]));
      return middle * middle;
    });
    const std::int64_t n = rows_in(r, p.window.rows);
    if (n < p.window.needed(3)) return no_value;
    return scale * static_cast<double>(n) * s.value() / static_cast<double>(n - 2);
  }
};

}  // namespace millrace
