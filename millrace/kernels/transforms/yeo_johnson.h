#pragma once

#include <array>
#include <cmath>

#include "millrace/kernels/family.h"

namespace millrace {

struct YeoJohnson {
  static constexpr Doc doc{
      .name = "yeo_johnson",
      .title = "Power transform of a value of either sign",
      .formula = "x >= 0: ((x+1)^lambda - 1) / lambda;  x < 0: -((1-x)^(2-lambda) - 1) / (2-lambda)",
      .unit = "1",
      .warmup = "none",
      .reference = "Yeo, Johnson (2000), Biometrika 87, 954-959",
  };

  struct Params {
    double lambda = no_value;
  };
  static constexpr std::array params{
      number<&Params::lambda>("lambda", -100.0, 100.0, "power; 1 leaves x as it is, 0 is ln(x+1)")};

  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"yeo_johnson"}};

  static double power(double log, double lambda) noexcept {
    return lambda == 0.0 ? log : std::expm1(lambda * log) / lambda;
  }
  static double update(const Params& p, double x) noexcept {
    return x >= 0.0 ? power(std::log1p(x), p.lambda) : -power(std::log1p(-x), 2.0 - p.lambda);
  }
};

}  // namespace millrace
