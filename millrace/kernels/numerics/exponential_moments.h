#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "millrace/kernels/numerics/power_sums.h"

namespace millrace {

/// Distance of a series from its exponential mean, without the mean: from row to row it takes in the step of x and
/// shrinks by 1 − α, so that the level of x, and how far it has come, cost no digits.
struct ExponentialGap {
  double last = 0.0;  // x
  double gap = 0.0;   // last − mean

  double ahead(double x) const noexcept { return (x - last) + gap; }  // of the mean before x
  void move(double x, double ahead, double alpha) noexcept {
    last = x;
    gap = (1.0 - alpha) * ahead;
  }
  double mean() const noexcept { return last - gap; }
};

/// Exponential mean and variance, by observation (West 1979, Finch 2009).
struct ExponentialMoments {
  ExponentialGap x;
  double variance = 0.0;
  std::int64_t count = 0;

  void add(double value, double alpha) noexcept {
    const double delta = count++ == 0 ? 0.0 : x.ahead(value);
    x.move(value, delta, alpha);
    variance = (1.0 - alpha) * (variance + alpha * (delta * delta));
  }
  /// Exactly 0 where it is rounding alone, null before the second observation.
  double settled_variance() const noexcept {
    if (count < 2) return no_value;
    return is_zero_variance(variance, x.mean()) ? 0.0 : variance;
  }
  /// Distance of a value from the mean in standard deviations; not finite where there is no deviation.
  double score(double value) const noexcept { return x.ahead(value) / std::sqrt(settled_variance()); }
};

/// The same of two variables, with one weight and one order of updates for all.
struct ExponentialPair {
  ExponentialGap x, y;
  double xx = 0.0, yy = 0.0, xy = 0.0;
  std::int64_t count = 0;

  void add(double value_x, double value_y, double alpha) noexcept {
    const bool is_first = count++ == 0;
    const double dx = is_first ? 0.0 : x.ahead(value_x), dy = is_first ? 0.0 : y.ahead(value_y), kept = 1.0 - alpha;
    x.move(value_x, dx, alpha);
    y.move(value_y, dy, alpha);
    xx = kept * (xx + alpha * (dx * dx));
    yy = kept * (yy + alpha * (dy * dy));
    xy = kept * (xy + alpha * (dx * dy));
  }
  double variance_x() const noexcept { return is_zero_variance(xx, x.mean()) ? 0.0 : xx; }
  double variance_y() const noexcept { return is_zero_variance(yy, y.mean()) ? 0.0 : yy; }
  double covariance() const noexcept {
    const double size = std::sqrt(variance_x()) * std::sqrt(variance_y());
    return std::abs(xy) <= 16.0 * std::numeric_limits<double>::epsilon() * size || size == 0.0 ? 0.0 : xy;
  }
};

}  // namespace millrace
