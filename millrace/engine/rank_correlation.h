#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "millrace/market/tick.h"

namespace millrace {

/// How a feature goes with the return that follows it. NaN where there are too few rows or no spread.
struct InformationCoefficient {
  std::uint64_t rows = 0, blocks = 0;
  double rank = no_value, rank_error = no_value;      // Spearman's
  double linear = no_value, linear_error = no_value;  // Pearson's
};

/// Errors allow for returns that overlap and for features that last: rows are summed up by block of time, and blocks
/// are taken as independent (Liang, Zeger 1986), so a block must be several times as long as the horizon. `block` is
/// the number of each row's block, ascending.
InformationCoefficient information_coefficient(std::span<const double> feature, std::span<const double> later,
                                               std::span<const std::uint32_t> block);

/// Spearman's coefficient alone.
double rank_correlation(std::span<const double> x, std::span<const double> y);

/// Average ranks (ties share theirs), moved and scaled to mean 0 and variance 1. All 0 where the values do not differ.
std::vector<double> scaled_ranks(std::span<const double> values);

inline constexpr std::size_t fewest_correlated = 30;  // rows
inline constexpr std::size_t fewest_blocks = 8;       // for an error
inline constexpr std::int64_t horizons_of_block = 5;  // its length, at least
inline constexpr std::int64_t most_blocks = 200;

}  // namespace millrace
