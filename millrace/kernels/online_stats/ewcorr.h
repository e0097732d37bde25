#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/exponential_moments.h"
#include "millrace/kernels/numerics/pair_sums.h"

namespace millrace {

/// One weight and one order of updates for all three moments: otherwise the ratio leaves [-1, 1].
struct Ewcorr {
  static constexpr bool is_paired = true;
  static constexpr Doc doc{
      .name = "ewcorr",
      .title = "Exponentially weighted correlation",
      .formula = "C / sqrt(V_x * V_y) of exponentially weighted covariance and variances",
      .unit = "1, from -1 to 1",
      .warmup = "second pair; null where one side is constant",
      .reference = "West (1979), CACM 22, 532-535",
  };
  static constexpr std::uint16_t version = 2;

  struct Params {
    Weight weight{.alpha = 1.0 - 0.94};
  };
  static constexpr std::array params{
      weight<&Params::weight>(by_rows, "one of alpha, lambda (0.94), half_life, span, com")};

  using State = ExponentialPair;
  static constexpr std::array inputs{InputInfo{"x"}, InputInfo{"y"}};
  static constexpr std::array outputs{OutputInfo{"ewcorr"}};

  static double update(const Params& p, State& s, double x, double y) noexcept {
    s.add(x, y, p.weight.alpha);
    return s.count >= 2 ? correlation(s.variance_x(), s.variance_y(), s.xy) : no_value;
  }
};

}  // namespace millrace
