#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/window_terms.h"
#include "millrace/kernels/volatility/bipower_var.h"
#include "millrace/kernels/volatility/tripower_quarticity.h"

namespace millrace {

/// The ratio form with max(1, .): the plain difference rejects far too often in small windows.
struct JumpTestBns {
  static constexpr Doc doc{
      .name = "jump_test_bns",
      .title = "Test for jumps in the window",
      .formula = "z = (1 - BV/RV) / sqrt(((pi/2)^2 + pi - 5) / n * max(1, TQ/BV^2));  ratio = max(0, 1 - BV/RV)",
      .unit = "jump_z: standard normal without jumps; jump_ratio: share of the variance, 0 to 1",
      .warmup = "the window",
      .reference =
          "Barndorff-Nielsen, Shephard (2006), J. Financial Econometrics 4, 1-30; Huang, Tauchen (2005), ibid. 3, "
          "456-499",
  };

  struct Params {
    Window window{.rows = 100};
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows, 3, "returns")};

  struct State {
    WindowSum squares, bipower, tripower;
  };
  static constexpr std::array inputs{InputInfo{"r"}};
  static constexpr std::array outputs{OutputInfo{"jump_z"}, OutputInfo{"jump_ratio"}};
  static std::int64_t lookback(const Params& p) { return p.window.rows; }

  static constexpr double half_pi = BipowerVar::half_pi;
  static constexpr double theta = half_pi * half_pi + 2.0 * half_pi - 5.0;

  static std::array<double, 2> update(const Params& p, State& s, Past r) noexcept {
    slide_terms<1>(s.squares, r, p.window.rows, [&](std::int64_t k) { return r[k] * r[k]; });
    slide_terms<2>(s.bipower, r, p.window.rows, [&](std::int64_t k) { return std::abs(r[k] * r[k + 1]); });
    slide_terms<3>(s.tripower, r, p.window.rows, [&](std::int64_t k) { return TripowerQuarticity::product(r, k); });
    const std::int64_t rows = rows_in(r, p.window.rows);
    if (rows < p.window.needed(3)) return {no_value, no_value};
    const auto n = static_cast<double>(rows);
    const double rv = s.squares.value(), bv = half_pi * n * s.bipower.value() / (n - 1.0);
    if (!(rv > 0.0 && bv > 0.0)) return {no_value, no_value};
    const double tq = TripowerQuarticity::quarticity(s.tripower.value(), n);
    const double share = (rv - bv) / rv;
    return {share / std::sqrt(theta / n * std::max(1.0, tq / (bv * bv))), std::max(0.0, share)};
  }
};

}  // namespace millrace
