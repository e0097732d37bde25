#pragma once

#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// A null is a row without a measurement: the level stays and its variance grows. With q_per_s it grows by time.
struct Kalman1d {
  static constexpr Doc doc{
      .name = "kalman_1d",
      .title = "Level of a random walk seen through noise, and its variance",
      .formula = "P = P + q;  K = P / (P + r);  x = x + K (z - x);  P = (1 - K) P;  first x = z, P = r",
      .unit = "unit of x; its square",
      .warmup = "first observation",
      .reference = "Kalman (1960), J. Basic Engineering 82, 35-45; Durbin, Koopman (2012), Time Series Analysis, ch. 2",
  };

  struct Params {
    double q = 0.001, q_per_s = no_value, r = 0.1;
  };
  static constexpr std::array params{
      number<&Params::q>("q", 0.0, 1e300, "variance that the level gains by row"),
      auto_number<&Params::q_per_s>("q_per_s", 0.0, 1e300, "variance that it gains by second, instead of q"),
      number<&Params::r>("r", 1e-300, 1e300, "variance of the noise")};

  struct State {
    double level = no_value, variance = 0.0;
    Nanos clock = 0;  // of the row before
  };
  static constexpr std::array inputs{InputInfo{.name = "x", .is_nullable = true}};
  static constexpr std::array outputs{OutputInfo{"kalman_filtered"}, OutputInfo{"kalman_p"}};

  static std::array<double, 2> update(const Params& p, State& s, double x, Now now) noexcept {
    const double seconds = static_cast<double>(now.clock - s.clock) * 1e-9;
    s.clock = now.clock;
    if (std::isnan(s.level)) {
      if (!has_value(x)) return {no_value, no_value};
      s.level = x;
      s.variance = p.r;
      return {s.level, s.variance};
    }
    s.variance += std::isnan(p.q_per_s) ? p.q : p.q_per_s * seconds;
    if (!has_value(x)) return {no_value, s.variance};
    const double gain = s.variance / (s.variance + p.r);
    s.level += gain * (x - s.level);
    s.variance = p.r * gain;  // (1 - K) P, without a difference
    return {s.level, s.variance};
  }
};

}  // namespace millrace
