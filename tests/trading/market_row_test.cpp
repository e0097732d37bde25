#include "millrace/trading/market_row.h"

#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "millrace/trading/market_batch.h"

namespace millrace::testing {
namespace {

/// Every value of it tells which it is.
Chunk numbered_chunk(ColumnSet columns, std::size_t rows) {
  Chunk chunk;
  chunk.reset(columns);
  chunk.resize(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    chunk.clear_row(i);
    chunk.instrument[i] = static_cast<InstrumentId>(i % 3);
    chunk.kind[i] = static_cast<std::uint8_t>(i % kind_count);
    chunk.flags[i] = static_cast<std::uint32_t>(i);
    chunk.ts_event[i] = 1000 + static_cast<Nanos>(i);
    chunk.ts_recv[i] = 2000 + static_cast<Nanos>(i);
    if (columns.has(Column::side)) chunk.side[i] = static_cast<std::int8_t>(static_cast<int>(i % 3) - 1);
    if (columns.has(Column::next_funding_ns)) chunk.next_funding_ns[i] = 3000 + static_cast<Nanos>(i);
    for (std::size_t at = 0; at < column_count; ++at) {
      if (!chunk.doubles[at].empty()) chunk.doubles[at][i] = static_cast<double>(1000 * at + i);
    }
  }
  return chunk;
}

bool is(double value, const Chunk& chunk, Column column, std::size_t row) {
  if (!chunk.columns.has(column)) return std::isnan(value);
  return value == static_cast<double>(1000 * static_cast<std::size_t>(column) + row);
}

void expect_row(const Chunk& chunk, std::size_t i, const MarketRow& row) {
  EXPECT_EQ(row.instrument, i % 3);
  EXPECT_EQ(static_cast<std::size_t>(row.kind), i % kind_count);
  EXPECT_EQ(row.flags, i);
  EXPECT_EQ(row.ts_event, 1000 + static_cast<Nanos>(i));
  EXPECT_EQ(row.ts_recv, 2000 + static_cast<Nanos>(i));
  EXPECT_EQ(static_cast<int>(row.side), chunk.columns.has(Column::side) ? static_cast<int>(i % 3) - 1 : 0);
  EXPECT_EQ(row.next_funding_ns, chunk.columns.has(Column::next_funding_ns) ? 3000 + static_cast<Nanos>(i) : no_time);
  EXPECT_TRUE(is(row.price, chunk, Column::price, i));
  EXPECT_TRUE(is(row.size, chunk, Column::size, i));
  EXPECT_TRUE(is(row.bid, chunk, Column::bid, i));
  EXPECT_TRUE(is(row.bid_size, chunk, Column::bid_size, i));
  EXPECT_TRUE(is(row.ask, chunk, Column::ask, i));
  EXPECT_TRUE(is(row.ask_size, chunk, Column::ask_size, i));
  EXPECT_TRUE(is(row.vol_24h, chunk, Column::vol_24h, i));
  EXPECT_TRUE(is(row.mark_price, chunk, Column::mark_price, i));
  EXPECT_TRUE(is(row.index_price, chunk, Column::index_price, i));
  EXPECT_TRUE(is(row.funding_rate, chunk, Column::funding_rate, i));
}

TEST(MarketRows, AreTheColumnsOfTheirChunk) {
  const ColumnSet spot = core_columns | ColumnSet{Column::side, Column::bid, Column::ask};
  std::vector<MarketRow> rows;  // of the chunk before, in each turn
  for (const ColumnSet columns : {market_row_columns, core_columns, spot}) {
    for (const std::size_t count : {7UL, 1UL, 100UL}) {
      const Chunk chunk = numbered_chunk(columns, count);
      read_market_rows(chunk, rows);
      ASSERT_EQ(rows.size(), count);
      for (std::size_t i = 0; i < count; ++i) {
        expect_row(chunk, i, rows[i]);
        expect_row(chunk, i, market_row_of(chunk, i));
      }
    }
  }
}

TEST(MarketBatches, HoldTheirRowsWholeAndTheirFeaturesByRow) {
  MarketBatch batch;
  batch.chunk = numbered_chunk(market_row_columns, 5);
  batch.features.order = {3, 0, 4, 1, 2};
  batch.features.columns.resize(1);
  batch.features.columns[0].values = {3.5, 0.5, 4.5, 1.5, 2.5};
  batch.index();
  ASSERT_EQ(batch.rows.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    expect_row(batch.chunk, i, batch.rows[i]);
    EXPECT_EQ(batch.value(0, i), static_cast<double>(i) + 0.5);
  }
}

}  // namespace
}  // namespace millrace::testing
