#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "millrace/engine/rank_correlation.h"
#include "millrace/engine/summary.h"

namespace millrace {

/// One feature of one instrument, over the sampled rows, in its order of time.
struct StudiedFeature {
  static constexpr std::size_t bins = 40, buckets = 120, lags = 10;

  FeatureSummary summary;
  double from = no_value, to = no_value;  // of the histogram: the 0.5 % and the 99.5 % quantile
  std::array<std::uint64_t, bins> counts{};
  std::uint64_t below = 0, above = 0;
  std::array<double, buckets> low, mean, high;  // of equal stretches of time
  std::array<double, buckets> nulls;            // shares
  std::array<double, lags> autocorrelation;     // at `StudiedInstrument::lag_s`
  std::array<InformationCoefficient, summary_horizons.size()> coefficients;
  std::array<double, 24> by_hour;   // Spearman's, by hour of the day (UTC), of `group_horizon`
  std::array<double, 3> by_regime;  // by tercile of trailing volatility
};

/// The sampled rows of one instrument in their order of time, and what all its features need.
struct StudiedRows {
  std::vector<Nanos> clock;
  std::vector<double> mid;
  std::array<std::vector<double>, summary_horizons.size()> later;         // log returns; NaN where unknown
  std::array<std::vector<std::uint32_t>, summary_horizons.size()> block;  // of time, of at least five horizons
  std::vector<std::uint32_t> hour;                                        // of the day, UTC
  std::vector<double> volatility;                    // a day; of exponentially weighted squared returns of the past
  std::array<double, 2> bounds{no_value, no_value};  // of its terciles
};

struct StudiedInstrument {
  std::string venue, symbol;
  std::uint64_t rows = 0, sampled = 0;
  Nanos first = no_time, last = no_time;
  std::array<double, StudiedFeature::lags> lag_s{};  // median time between rows that are `sampled_lags` apart
  std::array<double, 2> volatility_bounds{no_value, no_value};  // of the terciles, a day
  std::vector<StudiedFeature> features;
};

/// What `millrace research --report` shows. All of it is of the summary's sample, so memory does not grow with the
/// input and nothing depends on threads or chunks.
struct FeatureStudy {
  static constexpr std::size_t most_instruments = 4;   // in detail: the most active
  static constexpr std::size_t most_correlated = 300;  // features in the matrix
  static constexpr std::size_t most_matrix_rows = 4'000;

  std::vector<std::string> names, expressions;
  std::vector<StudiedInstrument> instruments;
  std::size_t instruments_total = 0;
  /// By feature, over all instruments, weighted by rows. Errors are averaged like values, as if instruments moved as
  /// one: no narrower for their number.
  std::vector<std::array<InformationCoefficient, summary_horizons.size()>> overall;
  std::vector<double> null_shares;   // by feature, over all instruments
  std::vector<std::uint32_t> order;  // of the matrix: clustered features stand together
  std::vector<double> correlation;   // of ranks within each instrument, row by row in `order`
  std::uint64_t rows = 0, sampled = 0, stride = 1;
};

inline constexpr std::array<std::size_t, StudiedFeature::lags> sampled_lags{1, 2, 3, 5, 8, 13, 21, 34, 55, 89};
inline constexpr std::size_t group_horizon = 2;  // 60 s
inline constexpr Nanos volatility_half_life = 300 * one_second;

void add_blocks(StudiedRows& rows);
void add_volatility(StudiedRows& rows);

/// Everything but the coefficients over all rows, which `add_coefficients` computes.
StudiedFeature study_feature(const std::vector<double>& values, const StudiedRows& rows, const FeatureSummary& summary);
void add_coefficients(const std::vector<double>& values, const StudiedRows& rows, StudiedFeature& one);

/// Median time in seconds between rows that are `sampled_lags` apart.
std::array<double, StudiedFeature::lags> sampled_lag_lengths(const StudiedRows& rows);

/// Leaves of an average-linkage tree over `count` features with distance 1 - |r|; NaN counts as 1.
std::vector<std::uint32_t> clustered_order(const std::vector<double>& correlation, std::size_t count);

/// A study as one page that needs nothing else.
std::string study_html(const FeatureStudy& study, const Summary& summary, const Ledger& ledger, std::string_view title);

}  // namespace millrace
