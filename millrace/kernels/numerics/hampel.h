#pragma once

#include <algorithm>
#include <cmath>

#include "millrace/kernels/numerics/order_statistics.h"

namespace millrace {

/// The k-th smallest distance (k >= 1) from `center` among n sorted values: the k nearest lie side by side, so the
/// search is for where they start.
inline double nearest_distance(const double* sorted, std::int64_t n, double center, std::int64_t k) noexcept {
  std::int64_t low = 0, high = n - k;  // the first start whose end is as far off as itself
  while (low < high) {
    const std::int64_t middle = (low + high) / 2;
    if (sorted[middle + k - 1] - center >= center - sorted[middle]) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  const auto reach = [&](std::int64_t at) { return std::max(center - sorted[at], sorted[at + k - 1] - center); };
  return low > 0 ? std::min(reach(low), reach(low - 1)) : reach(low);
}

/// Median absolute deviation from the median.
inline double median_deviation(const double* sorted, std::int64_t n, double median) noexcept {
  const double high = nearest_distance(sorted, n, median, n / 2 + 1);
  return n % 2 == 1 ? high : 0.5 * (nearest_distance(sorted, n, median, n / 2) + high);
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
