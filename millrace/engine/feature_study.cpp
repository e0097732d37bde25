#include "millrace/engine/feature_study.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "millrace/base/workers.h"
#include "millrace/engine/return_figures.h"
#include "millrace/kernels/numerics/log_ratio.h"

namespace millrace {

namespace {

using Horizon = std::size_t;

void add_histogram(const std::vector<double>& sorted, StudiedFeature& one) {
  one.from = quantile_of_sorted(sorted, 0.005);
  one.to = quantile_of_sorted(sorted, 0.995);
  const double width = (one.to - one.from) / static_cast<double>(StudiedFeature::bins);
  for (const double value : sorted) {
    if (value < one.from) {
      ++one.below;
    } else if (value > one.to) {
      ++one.above;
    } else {
      const double bin = width > 0.0 ? (value - one.from) / width : 0.0;
      ++one.counts[std::min(static_cast<std::size_t>(bin), StudiedFeature::bins - 1)];
    }
  }
}

void add_series(const std::vector<double>& values, const StudiedRows& rows, StudiedFeature& one) {
  std::array<std::uint64_t, StudiedFeature::buckets> known{}, all{};
  for (auto* series : {&one.low, &one.mean, &one.high, &one.nulls}) series->fill(no_value);
  const Nanos length = (rows.clock.back() - rows.clock.front()) / static_cast<Nanos>(StudiedFeature::buckets) + 1;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto bucket = static_cast<std::size_t>((rows.clock[i] - rows.clock.front()) / length);
    ++all[bucket];
    if (std::isnan(values[i])) continue;
    const bool is_first = known[bucket]++ == 0;
    one.low[bucket] = is_first ? values[i] : std::min(one.low[bucket], values[i]);
    one.high[bucket] = is_first ? values[i] : std::max(one.high[bucket], values[i]);
    one.mean[bucket] = is_first ? values[i] : one.mean[bucket] + values[i];
  }
  for (std::size_t b = 0; b < StudiedFeature::buckets; ++b) {
    if (known[b] > 0) one.mean[b] /= static_cast<double>(known[b]);
    if (all[b] > 0) one.nulls[b] = 1.0 - static_cast<double>(known[b]) / static_cast<double>(all[b]);
  }
}

void add_autocorrelation(const std::vector<double>& values, StudiedFeature& one) {
  one.autocorrelation.fill(no_value);
  const double mean = one.summary.mean, variance = one.summary.sd * one.summary.sd;
  if (!(one.summary.sd > 1e-12 * std::abs(mean))) return;
  for (std::size_t k = 0; k < one.autocorrelation.size(); ++k) {
    double sum = 0.0;
    std::size_t n = 0;
    for (std::size_t i = sampled_lags[k]; i < values.size(); ++i) {
      const double product = (values[i] - mean) * (values[i - sampled_lags[k]] - mean);
      if (std::isnan(product)) continue;
      sum += product;
      ++n;
    }
    if (n >= fewest_correlated) one.autocorrelation[k] = std::clamp(sum / static_cast<double>(n) / variance, -1.0, 1.0);
  }
}

/// Pairs of value and return for which `wanted(row)`.
template <typename Wanted>
void take_pairs(const std::vector<double>& values, const std::vector<double>& later, Wanted wanted,
                std::vector<double>& x, std::vector<double>& y, std::vector<std::uint32_t>& at) {
  x.clear();
  y.clear();
  at.clear();
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i]) || std::isnan(later[i]) || !wanted(i)) continue;
    x.push_back(values[i]);
    y.push_back(later[i]);
    at.push_back(i);
  }
}

void add_groups(const std::vector<double>& values, const StudiedRows& rows, StudiedFeature& one) {
  std::vector<double> x, y;
  std::vector<std::uint32_t> at;
  const std::vector<double>& later = rows.later[group_horizon];
  for (std::uint32_t hour = 0; hour < one.by_hour.size(); ++hour) {
    take_pairs(
        values, later, [&](std::uint32_t i) { return rows.hour[i] == hour; }, x, y, at);
    one.by_hour[hour] = rank_correlation(x, y);
  }
  for (std::size_t regime = 0; regime < one.by_regime.size(); ++regime) {
    const auto is_in = [&](std::uint32_t i) {
      const double v = rows.volatility[i];
      return regime == 0   ? v <= rows.bounds[0]
             : regime == 1 ? v > rows.bounds[0] && v <= rows.bounds[1]
                           : v > rows.bounds[1];
    };
    take_pairs(values, later, is_in, x, y, at);
    one.by_regime[regime] = rank_correlation(x, y);
  }
}

}  // namespace

StudiedFeature study_feature(const std::vector<double>& values, const StudiedRows& rows,
                             const FeatureSummary& summary) {
  StudiedFeature one{.summary = summary};
  std::vector<double> sorted;
  std::copy_if(values.begin(), values.end(), std::back_inserter(sorted),
               [](double value) { return !std::isnan(value); });
  std::sort(sorted.begin(), sorted.end());
  add_histogram(sorted, one);
  add_series(values, rows, one);
  add_autocorrelation(values, one);
  add_groups(values, rows, one);
  return one;
}

void add_coefficients(const std::vector<double>& values, const StudiedRows& rows, StudiedFeature& one) {
  std::vector<double> x, y;
  std::vector<std::uint32_t> at;
  for (Horizon h = 0; h < summary_horizons.size(); ++h) {
    take_pairs(
        values, rows.later[h], [](std::uint32_t) { return true; }, x, y, at);
    for (std::uint32_t& row : at) row = rows.block[h][row];
    one.coefficients[h] = information_coefficient(x, y, at);
  }
}

void add_volatility(StudiedRows& rows) {
  double squares = 0.0, days = 0.0;
  rows.volatility.assign(rows.clock.size(), no_value);
  for (std::size_t i = 1; i < rows.clock.size(); ++i) {
    const double length = static_cast<double>(rows.clock[i] - rows.clock[i - 1]);
    const double kept = std::exp2(-length / static_cast<double>(volatility_half_life));
    const double before = rows.mid[i - 1], now = rows.mid[i];
    const double r = before > 0.0 && now > 0.0 ? log_ratio(now, before) : 0.0;
    squares = kept * squares + r * r;
    days = kept * days + length / static_cast<double>(one_day);
    if (days > 0.0 && rows.clock[i] - rows.clock[0] >= volatility_half_life)
      rows.volatility[i] = std::sqrt(squares / days);
  }
  std::vector<double> sorted;
  std::copy_if(rows.volatility.begin(), rows.volatility.end(), std::back_inserter(sorted),
               [](double value) { return !std::isnan(value); });
  if (sorted.size() < 3 * fewest_correlated) return;
  std::sort(sorted.begin(), sorted.end());
  rows.bounds = {quantile_of_sorted(sorted, 1.0 / 3.0), quantile_of_sorted(sorted, 2.0 / 3.0)};
}

void add_blocks(StudiedRows& rows) {
  const Nanos span = rows.clock.back() - rows.clock.front() + 1;
  for (Horizon h = 0; h < summary_horizons.size(); ++h) {
    const Nanos length = std::max(horizons_of_block * summary_horizons[h], span / most_blocks + 1);
    for (const Nanos clock : rows.clock)
      rows.block[h].push_back(static_cast<std::uint32_t>((clock - rows.clock.front()) / length));
  }
}

std::array<double, StudiedFeature::lags> sampled_lag_lengths(const StudiedRows& rows) {
  std::array<double, StudiedFeature::lags> lags;
  lags.fill(no_value);
  for (std::size_t k = 0; k < lags.size(); ++k) {
    std::vector<double> lengths;
    for (std::size_t i = sampled_lags[k]; i < rows.clock.size(); ++i)
      lengths.push_back(static_cast<double>(rows.clock[i] - rows.clock[i - sampled_lags[k]]) / 1e9);
    std::sort(lengths.begin(), lengths.end());
    lags[k] = quantile_of_sorted(lengths, 0.5);
  }
  return lags;
}

}  // namespace millrace
