#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/exponential_moments.h"

namespace millrace {

/// Both residuals are against the means before the pair; with one old and one new the outer factor would count twice.
struct Ewcov {
  static constexpr bool is_paired = true;
  static constexpr Doc doc{
      .name = "ewcov",
      .title = "Exponentially weighted covariance",
      .formula = "C = (1 - alpha) * (C + alpha * dx * dy);  dx, dy against the means before the pair",
      .unit = "unit of x times unit of y",
      .warmup = "second pair",
      .reference = "West (1979), CACM 22, 532-535; Finch (2009), Incremental calculation of weighted mean and variance",
  };

  struct Params {
    Weight weight{.alpha = 1.0 - 0.94};
  };
  static constexpr std::array params{
      weight<&Params::weight>(by_rows, "one of alpha, lambda (0.94), half_life, span, com")};

  using State = ExponentialPair;
  static constexpr std::array inputs{InputInfo{"x"}, InputInfo{"y"}};
  static constexpr std::array outputs{OutputInfo{"ewcov"}};

  static double update(const Params& p, State& s, double x, double y) noexcept {
    s.add(x, y, p.weight.alpha);
    return s.count >= 2 ? s.covariance() : no_value;
  }
};

}  // namespace millrace
