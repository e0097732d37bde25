#pragma once

#include <cstdint>
#include <vector>

#include "millrace/chunk/chunk.h"
#include "millrace/chunk/sink.h"
#include "millrace/trading/market_row.h"

namespace millrace {

/// Rows with their features, on their way through the trading floors: as columns for who computes over many, and whole
/// for who looks at one after the other. Venue and desk do, of every lane, so whoever made the batch has made them
/// once.
struct MarketBatch {
  Chunk chunk;
  FeatureBlock features;
  std::vector<MarketRow> rows;    // those of `chunk`
  std::vector<std::uint32_t> at;  // by row: its place in `features`

  /// Derives `rows` from the chunk, and `at` from the features' order.
  void index() {
    read_market_rows(chunk, rows);
    at.resize(features.order.size());
    for (std::uint32_t i = 0; i < features.order.size(); ++i) at[features.order[i]] = i;
  }
  double value(std::size_t column, std::size_t row) const { return features.columns[column].number(at[row]); }
};

/// A market row as we learn of it. `now` is our clock.
struct Observation {
  MarketRow market;
  Nanos now = no_time;
  const MarketBatch* batch = nullptr;
  std::uint32_t row = 0;
  std::uint8_t attention = 0;  // what the strategy said of it when it prepared the batch

  double value(std::size_t column) const { return batch->value(column, row); }
};

}  // namespace millrace
