#include "millrace/io/parquet_source.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "millrace/base/error.h"
#include "tests/io/files.h"

namespace millrace {
namespace {

using tests::dictionary;
using tests::doubles;
using tests::integers;
using tests::NamedArray;
using tests::table_of;
using tests::texts;
using tests::timestamps;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

struct ParquetSourceTest : testing::Test {
  tests::Folder folder;
  Instruments instruments;
  Ledger ledger;

  std::unique_ptr<Source> open(const std::string& path) {
    return open_parquet(path, ledger.add_source(path), instruments, ledger);
  }
  Chunk read(const std::vector<NamedArray>& columns, ColumnSet wanted = ColumnSet::all()) {
    const auto source = open(folder.write_parquet("ticks.parquet", table_of(columns)));
    return tests::read_all(*source, wanted);
  }
  std::string symbol(const Chunk& chunk, std::size_t row) const {
    const Instrument& it = instruments[chunk.instrument[row]];
    return it.venue + " " + it.symbol;
  }
  std::string problem_with(const std::vector<NamedArray>& columns) {
    try {
      read(columns);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::input);
      return error.what();
    }
    return "none";
  }
};

std::vector<NamedArray> canonical_rows() {
  return {{"ts_event", timestamps({1'000, 2'000, 3'000})},
          {"ts_recv", timestamps({1'100, std::nullopt, 3'100})},
          {"venue", dictionary({"coinbase", "coinbase", "kraken"})},
          {"symbol", dictionary({"BTC-USD", "MATIC-USD", "XBT/USD"})},
          {"seq", tests::array_of<arrow::UInt64Builder, std::uint64_t>({7, std::nullopt, 9})},
          {"kind", tests::array_of<arrow::UInt8Builder, std::uint8_t>({0, 1, 2})},
          {"price", doubles({100.5, std::nullopt, 0.25})},
          {"size", doubles({std::nullopt, 2.0, std::nullopt})},
          {"side", tests::array_of<arrow::Int8Builder, std::int8_t>({std::nullopt, -1, std::nullopt})},
          {"bid", doubles({100.0, 101.0, nan})},
          {"n_trades_24h", integers({5, std::nullopt, 6})},
          {"flags", tests::array_of<arrow::UInt32Builder, std::uint32_t>({0, 1, 2})}};
}

TEST_F(ParquetSourceTest, canonical_rows_are_read_as_they_are) {
  const Chunk chunk = read(canonical_rows());
  ASSERT_EQ(chunk.rows(), 3U);
  EXPECT_THAT(chunk.ts_event, testing::ElementsAre(1'000, 2'000, 3'000));
  EXPECT_THAT(chunk.ts_recv, testing::ElementsAre(1'100, no_time, 3'100));
  EXPECT_THAT(chunk.seq, testing::ElementsAre(7, no_u64, 9));
  EXPECT_THAT(chunk.kind, testing::ElementsAre(0, 1, 2));
  EXPECT_THAT(chunk.side, testing::ElementsAre(0, -1, 0));
  EXPECT_THAT(chunk.n_trades_24h, testing::ElementsAre(5, no_i64, 6));
  EXPECT_THAT(chunk.flags, testing::ElementsAre(0, 1, 2));
  EXPECT_EQ(chunk.f64(Column::price)[0], 100.5);
  EXPECT_TRUE(std::isnan(chunk.f64(Column::price)[1])) << "null is no value";
  EXPECT_EQ(chunk.f64(Column::size)[1], 2.0);
  EXPECT_EQ(chunk.place[2].row, 3U);
  EXPECT_EQ(symbol(chunk, 0), "coinbase BTC-USD");
}

TEST_F(ParquetSourceTest, a_value_that_is_nan_is_handed_on_to_be_counted) {
  const Chunk chunk = read(canonical_rows());
  EXPECT_EQ(chunk.f64(Column::bid)[2], infinity);
}

TEST_F(ParquetSourceTest, columns_that_the_file_lacks_are_no_value) {
  const Chunk chunk = read(canonical_rows());
  EXPECT_TRUE(std::isnan(chunk.f64(Column::funding_rate)[1]));
  EXPECT_EQ(chunk.next_funding_ns[1], no_time);
  EXPECT_EQ(chunk.trade_id[0], no_u64);
}

TEST_F(ParquetSourceTest, renamed_assets_are_read_under_todays_name_and_told) {
  const auto source = open(folder.write_parquet("ticks.parquet", table_of(canonical_rows())));
  const Chunk chunk = tests::read_all(*source);
  EXPECT_EQ(symbol(chunk, 1), "coinbase POL-USD");
  EXPECT_EQ(symbol(chunk, 2), "kraken BTC-USD");
  EXPECT_THAT(source->files()[0].renamed, testing::ElementsAre("MATIC-USD -> POL-USD", "XBT-USD -> BTC-USD"));
}

TEST_F(ParquetSourceTest, only_wanted_columns_are_filled) {
  const Chunk chunk = read(canonical_rows(), ColumnSet{Column::bid});
  EXPECT_EQ(chunk.f64(Column::bid)[0], 100.0);
  EXPECT_FALSE(chunk.columns.has(Column::size));
  EXPECT_TRUE(chunk.side.empty());
}

}  // namespace
}  // namespace millrace
