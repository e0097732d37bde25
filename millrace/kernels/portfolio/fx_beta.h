#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/slope_forms.h"

namespace millrace {

/// How much of a reference's return an asset's return carries, of a currency or of anything else. Returns of two legs
/// are paired first, on a grid or as of one leg's rows.
struct FxBeta {
  static constexpr bool is_paired = true;
  static constexpr Doc doc{
      .name = "fx_beta",
      .title = "Beta to a reference",
      .formula = "cov(r, r_ref) / var(r_ref)",
      .unit = "1",
      .warmup = "the window; null where the reference is constant",
      .reference = "Sharpe (1964), J. Finance 19, 425-442; Chan, Golub, LeVeque (1983)",
  };

  struct Params {
    Window window{.rows = 100};
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows | by_time, 2, "pairs, or a duration")};

  static constexpr std::array inputs{InputInfo{"r"}, InputInfo{"r_ref"}};
  static constexpr std::array outputs{OutputInfo{"fx_beta"}};

  using ByRow = SlopeByRow<Params>;
  using ByTime = SlopeByTime<Params>;
};

}  // namespace millrace
