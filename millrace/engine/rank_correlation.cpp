#include "millrace/engine/rank_correlation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace millrace {

namespace {

/// To mean 0 and variance 1; all 0 where there is no spread.
void scale(std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double m2 = 0.0;
  for (double& value : values) {
    value -= mean;
    m2 += value * value;
  }
  const double sd = std::sqrt(m2 / n);
  const bool has_spread = sd > 1e-12 * std::abs(mean) && std::isfinite(sd);
  for (double& value : values) value = has_spread ? value / sd : 0.0;
}

double product_mean(std::span<const double> x, std::span<const double> y) {
  double sum = 0.0;
  bool has_spread = false;
  for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
  const auto differs = [](double value) { return value != 0.0; };
  has_spread = std::any_of(x.begin(), x.end(), differs) && std::any_of(y.begin(), y.end(), differs);
  return has_spread ? std::clamp(sum / static_cast<double>(x.size()), -1.0, 1.0) : no_value;
}

/// By the delta method: what each row contributes to a correlation is xy - r (x^2 + y^2) / 2 of scaled values.
double clustered_error(std::span<const double> x, std::span<const double> y, double r,
                       std::span<const std::uint32_t> block, std::uint64_t& blocks) {
  double squares = 0.0, sum = 0.0;
  blocks = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sum += x[i] * y[i] - 0.5 * r * (x[i] * x[i] + y[i] * y[i]);
    if (i + 1 < x.size() && block[i + 1] == block[i]) continue;
    squares += sum * sum;
    sum = 0.0;
    ++blocks;
  }
  if (blocks < fewest_blocks) return no_value;
  const auto b = static_cast<double>(blocks), n = static_cast<double>(x.size());
  return std::sqrt(squares * b / (b - 1.0)) / n;
}

}  // namespace

std::vector<double> scaled_ranks(std::span<const double> values) {
  std::vector<std::uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i + 1;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    const double rank = 0.5 * static_cast<double>(i + end - 1);
    for (; i < end; ++i) ranks[order[i]] = rank;
  }
  if (!ranks.empty()) scale(ranks);
  return ranks;
}

double rank_correlation(std::span<const double> x, std::span<const double> y) {
  return x.size() < fewest_correlated ? no_value : product_mean(scaled_ranks(x), scaled_ranks(y));
}

InformationCoefficient information_coefficient(std::span<const double> feature, std::span<const double> later,
                                               std::span<const std::uint32_t> block) {
  InformationCoefficient one{.rows = feature.size()};
  if (feature.size() < fewest_correlated) return one;
  const std::vector<double> x_ranks = scaled_ranks(feature), y_ranks = scaled_ranks(later);
  one.rank = product_mean(x_ranks, y_ranks);
  if (std::isnan(one.rank)) return one;
  one.rank_error = clustered_error(x_ranks, y_ranks, one.rank, block, one.blocks);
  std::vector<double> x(feature.begin(), feature.end()), y(later.begin(), later.end());
  scale(x);
  scale(y);
  one.linear = product_mean(x, y);
  if (!std::isnan(one.linear)) one.linear_error = clustered_error(x, y, one.linear, block, one.blocks);
  return one;
}

}  // namespace millrace
