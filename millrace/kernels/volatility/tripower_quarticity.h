#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/window_terms.h"

namespace millrace {

/// A jump enters three products, each with two ordinary neighbours, and so hardly counts.
struct TripowerQuarticity {
  static constexpr Doc doc{
      .name = "tripower_quarticity",
      .title = "Quarticity of the window without the jumps",
      .formula =
          "n * mu^-3 * (n / (n - 2)) * sum of |r[i] * r[i-1] * r[i-2]|^(4/3);  mu = 2^(2/3) * gamma(7/6) / gamma(1/2)",
      .unit = "1 (return to the fourth, per window)",
      .warmup = "the window",
      .reference = "Barndorff-Nielsen, Shephard (2004), J. Financial Econometrics 2, 1-37",
  };

  struct Params {
    Window window{.rows = 20};
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows, 3, "returns")};

  using State = WindowSum;
  static constexpr std::array inputs{InputInfo{"r"}};
  static constexpr std::array outputs{OutputInfo{"tripower_quarticity"}};
  static std::int64_t lookback(const Params& p) { return p.window.rows; }

  static constexpr double mu = 0.8308609250295591;

  static double product(Past r, std::int64_t k) noexcept {
    const double root = std::cbrt(r[k]) * std::cbrt(r[k + 1]) * std::cbrt(r[k + 2]);
    return (root * root) * (root * root);
  }
  static double quarticity(double sum, double n) noexcept { return n / (mu * mu * mu) * (n / (n - 2.0)) * sum; }

  static double update(const Params& p, State& s, Past r) noexcept {
    slide_terms<3>(s, r, p.window.rows, [&](std::int64_t k) { return product(r, k); });
    const std::int64_t n = rows_in(r, p.window.rows);
    return n >= p.window.needed(3) ? quarticity(s.value(), static_cast<double>(n)) : no_value;
  }
};

}  // namespace millrace
