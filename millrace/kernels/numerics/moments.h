#pragma once

#include <limits>

namespace millrace {

/// True where a sum of squared deviations is rounding alone (`kernels.md` 1, law 9).
inline bool is_zero_spread(double m2, double n, double mean) noexcept {
  const double unit = 16.0 * std::numeric_limits<double>::epsilon() * mean;
  return m2 <= n * unit * unit;
}

/// The same for an exponential variance.
inline bool is_zero_variance(double variance, double mean) noexcept { return is_zero_spread(variance, 1.0, mean); }

/// Central moments of a window: its mean as `shift` + `offset`, and the sum of squares about it.
struct Moments {
  double n = 0.0, offset = 0.0, mean = 0.0, m2 = 0.0;
};

/// Mean and spread of one bucket or of several merged ones, about a common origin (Chan, Golub, LeVeque 1983).
struct BucketMoments {
  double n = 0.0, mean = 0.0, m2 = 0.0;  // mean is about the origin

  void add(double d) noexcept {
    n += 1.0;
    const double delta = d - mean;
    mean += delta * (1.0 / n);  // the division waits for nothing
    m2 += delta * (d - mean);
  }
  void merge(const BucketMoments& newer) noexcept {
    if (newer.n == 0.0) return;
    if (n == 0.0) {
      *this = newer;
      return;
    }
    const double total = n + newer.n;
    const double share = newer.n / total;
    const double delta = newer.mean - mean;
    mean += delta * share;
    m2 += newer.m2 + delta * delta * (n * share);
    n = total;
  }
  Moments moments(double origin) const noexcept {
    return {.n = n, .offset = mean, .mean = origin + mean, .m2 = is_zero_spread(m2, n, origin + mean) ? 0.0 : m2};
  }
};

}  // namespace millrace
