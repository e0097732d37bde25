#pragma once

#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// One-sided: the trend at a row is the last point of the fit to the rows up to it. The usual two-sided trend knows
/// what comes after and has no place in a table that could be made live.
struct HpFilter {
  static constexpr Doc doc{
      .name = "hp_filter",
      .title = "Trend and cycle of Hodrick and Prescott, one-sided",
      .formula =
          "last point of min sum (y - trend)^2 + lambda * sum (second difference of trend)^2 over the rows so far;  "
          "cycle = y - trend",
      .unit = "unit of y",
      .warmup = "3 observations",
      .reference =
          "Hodrick, Prescott (1997), J. Money, Credit and Banking 29, 1-16; Stock, Watson (1999), J. Monetary "
          "Economics 44, 293-335",
  };

  struct Params {
    double lambda = 1600.0;
    bool one_sided = false;
  };
  static constexpr std::array params{
      number<&Params::lambda>("lambda", 1e-9, 1e12, "weight of the trend's bends"),
      flag<&Params::one_sided>("one_sided", "true is the one choice in a graph: the two-sided trend looks ahead")};
  static std::string_view check(const Params& p) {
    return p.one_sided ? "" : "one_sided=false looks ahead: a graph takes one_sided=true only";
  }

  /// Kalman filter of trend[t] = 2 trend[t-1] - trend[t-2] + noise of variance 1 / lambda, seen through unit noise. The
  /// slope is kept, not the trend a row ago: a difference of two prices would be their rounding.
  struct State {
    double trend = no_value, slope = 0.0;                            // trend[t], trend[t] - trend[t-1]
    double variance = 1.0, covariance = 0.0, variance_before = 1.0;  // of trend[t] and trend[t-1]
    std::int64_t count = 0;
  };
  static constexpr std::array inputs{InputInfo{"y"}};
  static constexpr std::array outputs{OutputInfo{"trend"}, OutputInfo{"cycle"}};

  static std::array<double, 2> update(const Params& p, State& s, double y) noexcept {
    if (s.count < 2) {
      ++s.count;
      s.slope = y - s.trend;
      s.trend = y;
      return {no_value, no_value};
    }
    const double variance = 4.0 * (s.variance - s.covariance) + s.variance_before + 1.0 / p.lambda;
    const double covariance = 2.0 * s.variance - s.covariance;
    const double total = variance + 1.0, gain = variance / total, gain_before = covariance / total;
    const double ahead = s.trend + s.slope, surprise = y - ahead;
    s.trend = ahead + gain * surprise;
    s.slope += (gain - gain_before) * surprise;
    s.variance_before = s.variance - gain_before * covariance;
    s.variance = gain;  // the noise has variance 1
    s.covariance = gain_before;
    return {s.trend, surprise / total};
  }
};

}  // namespace millrace
