#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/overlap_forms.h"

namespace millrace {

/// Takes each leg's own ticks: sampling both on a grid first would pull the covariance to 0 as the grid gets finer.
struct HayashiYoshidaCov {
  static constexpr bool is_cross = true;
  static constexpr Doc doc{
      .name = "hayashi_yoshida_cov",
      .title = "Covariance of returns that tick at different moments",
      .formula = "sum of r_a(i) * r_b(j) over the pairs whose intervals overlap, dated by their later end",
      .unit = "product of the two",
      .warmup = "the window (expanding: none) and a return of each leg",
      .reference = "Hayashi, Yoshida (2005), Bernoulli 11, 359-379",
  };

  struct Params {
    Window window{.span = 60 * one_second, .buckets = 60};
  };
  static constexpr std::array params{
      window<&Params::window>("window", by_time | expanding, 1, "a duration, or expanding")};

  static constexpr std::array inputs{InputInfo{"a"}, InputInfo{"b"}};
  static constexpr std::array outputs{OutputInfo{"hy_cov"}};

  static double value(const OverlapSums& sums) noexcept { return sums.covariance(); }
  using ByTime = OverlapByTime<HayashiYoshidaCov, Params>;
  using Expanding = OverlapExpanding<HayashiYoshidaCov, Params>;
};

}  // namespace millrace
