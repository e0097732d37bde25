#include <algorithm>
#include <cmath>
#include <numeric>

#include <Eigen/Core>

#include "millrace/engine/feature_study.h"
#include "millrace/engine/summary.h"
#include "millrace/kernels/numerics/log_ratio.h"

namespace millrace {

namespace {

/// Weighted by rows. Where some instruments have errors and some, of too short a time, have none, the latter are left
/// out.
void add_overall(const InformationCoefficient& from, InformationCoefficient& sum) {
  if (std::isnan(from.rank) || std::isnan(from.linear)) return;
  const bool has_error = !std::isnan(from.rank_error) && !std::isnan(from.linear_error);
  const bool had_errors = sum.rows > 0 && !std::isnan(sum.rank_error);
  if (!has_error && had_errors) return;
  if (has_error && !had_errors) sum = {};
  const auto before = static_cast<double>(sum.rows), weight = static_cast<double>(from.rows);
  const auto merge = [&](double InformationCoefficient::*value) {
    sum.*value = sum.rows == 0 ? from.*value : (sum.*value * before + from.*value * weight) / (before + weight);
  };
  merge(&InformationCoefficient::rank);
  merge(&InformationCoefficient::linear);
  merge(&InformationCoefficient::rank_error);
  merge(&InformationCoefficient::linear_error);
  sum.rows += from.rows;
  sum.blocks += from.blocks;
}

/// Correlations over the rows on which both have a value; 0 stands for none in `ranks`, as in `known`.
std::vector<double> correlation_of(const Eigen::MatrixXd& ranks, const Eigen::MatrixXd& known) {
  const Eigen::MatrixXd products = ranks * ranks.transpose();
  const Eigen::MatrixXd squares = ranks.cwiseAbs2() * known.transpose();
  const Eigen::MatrixXd pairs = known * known.transpose();
  const auto n = static_cast<std::size_t>(ranks.rows());
  std::vector<double> correlation(n * n, no_value);
  for (Eigen::Index i = 0; i < ranks.rows(); ++i) {
    for (Eigen::Index j = 0; j < ranks.rows(); ++j) {
      const double scale = std::sqrt(squares(i, j) * squares(j, i));
      if (pairs(i, j) < static_cast<double>(fewest_correlated) || !(scale > 0.0)) continue;
      correlation[static_cast<std::size_t>(i) * n + static_cast<std::size_t>(j)] =
          std::clamp(products(i, j) / scale, -1.0, 1.0);
    }
  }
  return correlation;
}

}  // namespace

FeatureStudy SummaryCollector::study(std::size_t threads) const {
  FeatureStudy study{.sampled = samples_.size(), .stride = stride_};
  const std::size_t width = plan_.features.size();
  for (const PlannedFeature& feature : plan_.features) {
    study.names.push_back(feature.name);
    study.expressions.push_back(feature.expression);
  }
  std::vector<std::vector<std::uint32_t>> places(tracks_.size());
  for (std::uint32_t i = 0; i < samples_.size(); ++i) places[samples_[i].instrument].push_back(i);
  std::vector<InstrumentId> ids;
  for (InstrumentId id = 0; id < tracks_.size(); ++id) {
    study.rows += tracks_[id].rows;
    if (!places[id].empty()) ids.push_back(id);
  }
  std::stable_sort(ids.begin(), ids.end(), [&](auto a, auto b) { return tracks_[a].rows > tracks_[b].rows; });
  study.instruments_total = ids.size();
  study.overall.resize(width);
  std::vector<std::uint64_t> nulls(width, 0);
  Workers workers(threads);
  for (std::size_t k = 0; k < ids.size(); ++k) {
    const Track& track = tracks_[ids[k]];
    const bool is_detailed = k < FeatureStudy::most_instruments;
    StudiedRows rows = rows_of(places[ids[k]]);
    add_blocks(rows);
    if (is_detailed) add_volatility(rows);
    StudiedInstrument one{.venue = instruments_[ids[k]].venue,
                          .symbol = instruments_[ids[k]].symbol,
                          .rows = track.rows,
                          .sampled = rows.clock.size(),
                          .first = track.first,
                          .last = track.last,
                          .lag_s = sampled_lag_lengths(rows),
                          .volatility_bounds = rows.bounds,
                          .features = this->study(places[ids[k]], rows, is_detailed, workers)};
    for (std::size_t f = 0; f < width; ++f) {
      nulls[f] += one.features[f].summary.nulls;
      for (std::size_t h = 0; h < summary_horizons.size(); ++h)
        add_overall(one.features[f].coefficients[h], study.overall[f][h]);
    }
    if (is_detailed) study.instruments.push_back(std::move(one));
  }
  for (const std::uint64_t count : nulls)
    study.null_shares.push_back(samples_.empty() ? no_value
                                                 : static_cast<double>(count) / static_cast<double>(samples_.size()));
  correlate(places, study);
  return study;
}

StudiedRows SummaryCollector::rows_of(const std::vector<std::uint32_t>& places) const {
  StudiedRows rows;
  for (const std::uint32_t i : places) {
    const Sample& sample = samples_[i];
    const Nanos of_day = ((sample.clock % one_day) + one_day) % one_day;
    rows.clock.push_back(sample.clock);
    rows.mid.push_back(sample.mid);
    rows.hour.push_back(static_cast<std::uint32_t>(of_day / (3'600 * one_second)));
    for (std::size_t h = 0; h < summary_horizons.size(); ++h) {
      const double to = sample.later_mid[h];
      rows.later[h].push_back(sample.mid > 0.0 && to > 0.0 ? log_ratio(to, sample.mid) : no_value);
    }
  }
  return rows;
}

std::vector<StudiedFeature> SummaryCollector::study(const std::vector<std::uint32_t>& places, const StudiedRows& rows,
                                                    bool is_detailed, Workers& workers) const {
  const std::size_t width = plan_.features.size();
  std::vector<StudiedFeature> features(width);
  workers.run([&](std::size_t worker) {
    std::vector<double> values(places.size());
    for (std::size_t f = worker; f < width; f += workers.size()) {
      for (std::size_t i = 0; i < places.size(); ++i) values[i] = values_[places[i] * width + f];
      if (is_detailed) {
        features[f] = study_feature(values, rows, describe(places, f));
      } else {
        const auto is_null = [](double value) { return std::isnan(value); };
        features[f].summary.nulls = static_cast<std::uint64_t>(std::count_if(values.begin(), values.end(), is_null));
      }
      add_coefficients(values, rows, features[f]);
    }
  });
  return features;
}

/// Ranks are within the instrument, so that no correlation comes from levels of different instruments.
void SummaryCollector::correlate(const std::vector<std::vector<std::uint32_t>>& places, FeatureStudy& study) const {
  const std::size_t width = plan_.features.size(), n = std::min(width, FeatureStudy::most_correlated);
  const std::size_t step = samples_.size() / FeatureStudy::most_matrix_rows + 1;
  std::vector<std::vector<std::uint32_t>> taken;
  std::size_t total = 0;
  for (const std::vector<std::uint32_t>& place : places) {
    std::vector<std::uint32_t> rows;
    for (std::size_t i = 0; i < place.size(); i += step) rows.push_back(place[i]);
    if (rows.size() < fewest_correlated) continue;
    total += rows.size();
    taken.push_back(std::move(rows));
  }
  Eigen::MatrixXd ranks = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(n), static_cast<Eigen::Index>(total));
  Eigen::MatrixXd known = ranks;
  for (std::size_t f = 0; f < n; ++f) {
    std::size_t first = 0;
    for (const std::vector<std::uint32_t>& rows : taken) {
      std::vector<double> values;
      std::vector<std::size_t> at;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const double value = values_[rows[i] * width + f];
        if (std::isnan(value)) continue;
        values.push_back(value);
        at.push_back(first + i);
      }
      const std::vector<double> scaled = scaled_ranks(values);
      for (std::size_t i = 0; i < at.size(); ++i) {
        ranks(static_cast<Eigen::Index>(f), static_cast<Eigen::Index>(at[i])) = scaled[i];
        known(static_cast<Eigen::Index>(f), static_cast<Eigen::Index>(at[i])) = 1.0;
      }
      first += rows.size();
    }
  }
  const std::vector<double> correlation = correlation_of(ranks, known);
  study.order = clustered_order(correlation, n);
  for (const std::uint32_t i : study.order) {
    for (const std::uint32_t j : study.order) study.correlation.push_back(correlation[i * n + j]);
  }
}

}  // namespace millrace
