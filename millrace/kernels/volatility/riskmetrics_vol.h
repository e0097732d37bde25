#pragma once

#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

struct RiskmetricsVol {
  static constexpr Doc doc{
      .name = "riskmetrics_vol",
      .title = "Exponentially weighted volatility about zero",
      .formula = "v[t] = lambda * v[t-1] + (1 - lambda) * r[t]^2, first v = r^2;  sqrt(v)",
      .unit = "1 (return, per observation)",
      .warmup = "first return",
      .reference = "RiskMetrics Technical Document (1996), J.P. Morgan/Reuters, ch. 5",
  };

  struct Params {
    double lambda = 0.94;
  };
  static constexpr std::array params{
      number<&Params::lambda>("lambda", 0.0, 0.999999, "weight kept by the past at each return")};

  struct State {
    double variance = no_value;
  };
  static constexpr std::array inputs{InputInfo{"r"}};
  static constexpr std::array outputs{OutputInfo{"riskmetrics_vol"}};

  static double update(const Params& p, State& s, double r) noexcept {
    const double square = r * r;
    s.variance = std::isnan(s.variance) ? square : p.lambda * s.variance + (1.0 - p.lambda) * square;
    return std::sqrt(s.variance);
  }
};

}  // namespace millrace
