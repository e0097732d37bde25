#include "millrace/chunk/chunk.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace {
namespace {

using testing::ElementsAre;

Chunk numbered(std::size_t rows, ColumnSet columns) {
  Chunk chunk;
  chunk.reset(columns);
  chunk.resize(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    chunk.clear_row(i);
    chunk.instrument[i] = static_cast<InstrumentId>(i);
    chunk.place[i].row = (i + 1) & 0xffffU;
    chunk.ts_event[i] = static_cast<Nanos>(100 + i);
    if (columns.has(Column::bid)) chunk.f64(Column::bid)[i] = static_cast<double>(i);
  }
  return chunk;
}

TEST(Chunk, HoldsTheColumnsAskedForAndTheCore) {
  const Chunk chunk = numbered(3, {Column::bid});
  EXPECT_EQ(chunk.rows(), 3U);
  EXPECT_EQ(chunk.columns, core_columns | ColumnSet{Column::bid});
  EXPECT_EQ(chunk.ts_recv.size(), 3U);
  EXPECT_EQ(chunk.doubles[static_cast<std::size_t>(Column::bid)].size(), 3U);
  EXPECT_TRUE(chunk.side.empty());
  EXPECT_TRUE(chunk.doubles[static_cast<std::size_t>(Column::ask)].empty());
}

TEST(Chunk, ColumnsBeginAtCacheLines) {
  const Chunk chunk = numbered(3, ColumnSet::all());
  for_each_column(chunk, [](Column column, const auto& values, auto) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(values.data()) % column_alignment, 0U) << info(column).name;
  });
}

TEST(Chunk, EveryColumnIsVisitedOnceInItsType) {
  Chunk chunk;
  std::vector<int> visits(column_count, 0);
  for_each_column(chunk, [&](Column column, auto&, auto) { ++visits[static_cast<std::size_t>(column)]; });
  EXPECT_EQ(visits, std::vector<int>(column_count, 1));
}

TEST(Chunk, AClearedRowHasNoValues) {
  Chunk chunk = numbered(2, ColumnSet::all());
  chunk.kind[1] = 4;
  chunk.flags[1] = 7;
  chunk.clear_row(1);
  EXPECT_EQ(chunk.ts_event[0], 100);
  EXPECT_EQ(chunk.ts_event[1], no_time);
  EXPECT_EQ(chunk.ts_recv[1], no_time);
  EXPECT_EQ(chunk.seq[1], no_u64);
  EXPECT_EQ(chunk.trade_id[1], no_u64);
  EXPECT_EQ(chunk.n_trades_24h[1], no_i64);
  EXPECT_EQ(chunk.kind[1], 0);
  EXPECT_EQ(chunk.flags[1], 0U);
  EXPECT_TRUE(std::isnan(chunk.f64(Column::bid)[1]));
  EXPECT_EQ(chunk.f64(Column::bid)[0], 0.0);
}

TEST(Chunk, TakesRowsOfAnotherAndNullsWhatThatLacks) {
  Chunk chunk = numbered(2, {Column::bid, Column::side});
  const Chunk from = numbered(5, {Column::ask, Column::bid});
  chunk.append(from, 3, 2);
  EXPECT_THAT(chunk.instrument, ElementsAre(0, 1, 3, 4));
  EXPECT_THAT(chunk.ts_event, ElementsAre(100, 101, 103, 104));
  EXPECT_THAT(chunk.side, ElementsAre(0, 0, 0, 0));
  EXPECT_EQ(chunk.place[2].row, 4U);
  EXPECT_EQ(chunk.f64(Column::bid)[3], 4.0);
  Chunk without = numbered(1, {Column::ask});
  without.append(numbered(1, {}), 0, 1);
  EXPECT_TRUE(std::isnan(without.f64(Column::ask)[1]));
  without.append(from, 5, 0);
  EXPECT_EQ(without.rows(), 2U);
}

TEST(Chunk, KeepsTheRowsThatAreWantedInOrder) {
  Chunk chunk = numbered(5, {Column::bid});
  const std::vector<std::uint8_t> keep{0, 1, 0, 1, 1};
  chunk.compact(keep);
  EXPECT_THAT(chunk.instrument, ElementsAre(1, 3, 4));
  EXPECT_EQ(chunk.place[1].row, 4U);
  EXPECT_THAT(std::vector<double>(chunk.f64(Column::bid), chunk.f64(Column::bid) + 3), ElementsAre(1.0, 3.0, 4.0));
  chunk.compact(std::vector<std::uint8_t>{0, 0, 0});
  EXPECT_EQ(chunk.rows(), 0U);
  chunk.compact({});
  EXPECT_EQ(chunk.rows(), 0U);
}

TEST(Column, IsFoundByItsNameAndByThePredecessors) {
  for (std::size_t i = 0; i < column_count; ++i) {
    EXPECT_EQ(find_column(column_table[i].name), static_cast<Column>(i));
  }
  EXPECT_EQ(find_column("best_bid"), Column::bid);
  EXPECT_EQ(find_column("volume_24_h"), Column::vol_24h);
  EXPECT_EQ(find_column("venue"), std::nullopt);
  EXPECT_EQ(find_column(""), std::nullopt);
}

}  // namespace
}  // namespace millrace
