#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/overlap_forms.h"

namespace millrace {

/// Each leg's own squared returns are the denominator; where few intervals overlap much the ratio may leave [-1, 1].
struct HayashiYoshidaCorr {
  static constexpr bool is_cross = true;
  static constexpr Doc doc{
      .name = "hayashi_yoshida_corr",
      .title = "Correlation of returns that tick at different moments",
      .formula = "hy_cov / sqrt(sum of r_a^2 * sum of r_b^2), all over the window",
      .unit = "1, about -1 to 1",
      .warmup = "the window (expanding: none) and a return of each leg",
      .reference = "Hayashi, Yoshida (2005), Bernoulli 11, 359-379",
  };

  struct Params {
    Window window{.span = 60 * one_second, .buckets = 60};
  };
  static constexpr std::array params{
      window<&Params::window>("window", by_time | expanding, 1, "a duration, or expanding")};

  static constexpr std::array inputs{InputInfo{"a"}, InputInfo{"b"}};
  static constexpr std::array outputs{OutputInfo{"hy_corr"}};

  static double value(const OverlapSums& sums) noexcept { return sums.correlation(); }
  using ByTime = OverlapByTime<HayashiYoshidaCorr, Params>;
  using Expanding = OverlapExpanding<HayashiYoshidaCorr, Params>;
};

}  // namespace millrace
