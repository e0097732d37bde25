#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "millrace/chunk/sink.h"
#include "millrace/graph/feature_set.h"

namespace millrace {

/// Leaves out rows by an expression: `--where "closes(tick_bars(price, ticks=100))"`, `--where "day_of_week(ts_event) <
/// 5"`. The expression is one more feature, the last; rows on which it is not 1 are dropped once all features are
/// computed, so that no feature misses a row.
class RowFilter {
 public:
  /// Adds the feature to a set. Its name cannot be that of another.
  static void add_to(FeatureSet& set, const std::string& expression);

  /// Drops rows, and the last column. Rows keep their order. Returns how many were dropped.
  std::uint64_t apply(Chunk& chunk, FeatureBlock& features);

 private:
  std::vector<std::uint8_t> keep_;      // by row of the chunk
  std::vector<std::uint32_t> new_row_;  // by row of the chunk: its number afterwards
};

}  // namespace millrace
