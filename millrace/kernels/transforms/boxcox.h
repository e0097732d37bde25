#pragma once

#include <array>
#include <cmath>

#include "millrace/kernels/family.h"

namespace millrace {

/// `lambda` is fitted on the past, outside the graph, and fixed here: one fitted on the rows it transforms looks ahead.
struct Boxcox {
  static constexpr Doc doc{
      .name = "boxcox",
      .title = "Power transform of a positive value",
      .formula = "(x^lambda - 1) / lambda as expm1(lambda ln x) / lambda;  ln x at lambda = 0",
      .unit = "1",
      .warmup = "none",
      .reference = "Box, Cox (1964), J. Royal Statistical Society B 26, 211-252",
  };

  struct Params {
    double lambda = no_value;
  };
  static constexpr std::array params{number<&Params::lambda>("lambda", -100.0, 100.0, "power; 0 is the logarithm")};

  static constexpr std::array inputs{InputInfo{.name = "x", .is_positive = true}};
  static constexpr std::array outputs{OutputInfo{"boxcox"}};

  static double update(const Params& p, double x) noexcept {
    if (!(x > 0.0)) return no_value;
    const double log = std::log(x);
    return p.lambda == 0.0 ? log : std::expm1(p.lambda * log) / p.lambda;
  }
};

}  // namespace millrace
