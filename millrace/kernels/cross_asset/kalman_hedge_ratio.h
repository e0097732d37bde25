#pragma once

#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// The regression of one log price on another with coefficients that wander. The spread is the innovation: after the
/// update it would be small by construction.
struct KalmanHedgeRatio {
  static constexpr bool is_paired = true;
  static constexpr Doc doc{
      .name = "kalman_hedge_ratio",
      .title = "Hedge ratio by a Kalman filter",
      .formula =
          "F = [x, 1];  R = P + q I;  e = y - F theta;  Q = F R F' + r;  K = R F' / Q;  theta += K e;  "
          "P = R - K F R;  spread = e, kalman_z = e / sqrt(Q)",
      .unit = "hedge_ratio 1; intercept, spread unit of y; innovation_var its square; kalman_z standard deviations",
      .warmup = "none",
      .reference = "Kalman (1960), J. Basic Engineering 82, 35-45; Chan (2013), Algorithmic Trading, ch. 3",
  };

  struct Params {
    double q = 1e-6, r = 1e-3, beta0 = 1.0, alpha0 = 0.0, p0 = 1.0;
  };
  static constexpr std::array params{number<&Params::q>("q", 0.0, 1e6, "variance of the coefficients' steps"),
                                     number<&Params::r>("r", 1e-18, 1e6, "variance of the observation"),
                                     number<&Params::beta0>("beta0", -1e6, 1e6, "hedge ratio to start with"),
                                     number<&Params::alpha0>("alpha0", -1e6, 1e6, "intercept to start with"),
                                     number<&Params::p0>("p0", 0.0, 1e6, "variance of both at the start")};

  struct State {
    double beta = 0.0, alpha = 0.0;       // unset until the first observation
    double bb = 0.0, ba = 0.0, aa = 0.0;  // their covariance matrix
    std::int64_t has_begun = 0;
  };
  static constexpr std::array inputs{InputInfo{"y"}, InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"hedge_ratio"}, OutputInfo{"intercept"}, OutputInfo{"spread"},
                                      OutputInfo{"innovation_var"}, OutputInfo{"kalman_z"}};

  static std::array<double, 5> update(const Params& p, State& s, double y, double x) noexcept {
    if (s.has_begun == 0) s = {.beta = p.beta0, .alpha = p.alpha0, .bb = p.p0, .aa = p.p0, .has_begun = 1};
    const double bb = s.bb + p.q, ba = s.ba, aa = s.aa + p.q;
    const double gain_b = bb * x + ba, gain_a = ba * x + aa;  // R F'
    const double error = y - (s.beta * x + s.alpha), variance = x * gain_b + gain_a + p.r;
    s.beta += gain_b / variance * error;
    s.alpha += gain_a / variance * error;
    s.bb = bb - gain_b * gain_b / variance;
    s.ba = ba - gain_b * gain_a / variance;
    s.aa = aa - gain_a * gain_a / variance;
    return {s.beta, s.alpha, error, variance, error / std::sqrt(variance)};
  }
};

}  // namespace millrace
