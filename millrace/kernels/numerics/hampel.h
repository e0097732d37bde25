#pragma once

#include <algorithm>
#include <cmath>

#include "millrace/kernels/numerics/order_statistics.h"

namespace millrace {

/// Among n sorted values the k nearest to `center` (k >= 1) lie side by side: the first start, at most n - k, whose end
/// is as far off as itself.
inline std::int64_t start_of_nearest(const double* sorted, std::int64_t n, double center, std::int64_t k) noexcept {
  std::int64_t low = 0;
  for (std::int64_t left = n - k; left > 0;) {
    const std::int64_t half = left / 2, middle = low + half;
    const bool is_later = sorted[middle + k - 1] - center < center - sorted[middle];
    low = is_later ? middle + 1 : low;
    left = is_later ? left - half - 1 : half;
  }
  return low;
}
/// The k-th smallest distance from `center`, by that start.
inline double reach_of_nearest(const double* sorted, std::int64_t start, double center, std::int64_t k) noexcept {
  const auto reach = [&](std::int64_t at) { return std::max(center - sorted[at], sorted[at + k - 1] - center); };
  return start > 0 ? std::min(reach(start), reach(start - 1)) : reach(start);
}

/// Median absolute deviation from the median. Of an even number it is the mean of two distances, and the k nearest
/// start where the k + 1 nearest do or one later.
inline double median_deviation(const double* sorted, std::int64_t n, double median) noexcept {
  const std::int64_t k = n / 2;
  const std::int64_t start = start_of_nearest(sorted, n, median, k + 1);
  const double high = reach_of_nearest(sorted, start, median, k + 1);
  if (n % 2 == 1) return high;
  const bool is_later = sorted[start + k - 1] - median < median - sorted[start];
  return 0.5 * (reach_of_nearest(sorted, start + (is_later ? 1 : 0), median, k) + high);
}

/// Hampel's rule: is x too far from the median of n sorted values? Where more than half of them are equal the median
/// deviation says nothing and the mean deviation is the measure; where all are, the tick is.
struct HampelRule {
  double k, scale, tick;

  bool is_outlier(const double* sorted, std::int64_t n, double median, double x) const noexcept {
    const double distance = std::abs(x - median);
    if (distance == 0.0) return false;
    const double deviation = median_deviation(sorted, n, median);
    if (deviation > 0.0) return distance > k * scale * deviation;
    double sum = 0.0;
    for (std::int64_t i = 0; i < n; ++i) sum += std::abs(sorted[i] - median);
    constexpr double normal = 1.2533;  // standard deviations of a normal distribution in its mean deviation
    return distance > (sum > 0.0 ? k * normal * (sum / static_cast<double>(n)) : k * tick);
  }
};

}  // namespace millrace
