#include "millrace/io/parquet_source.h"

#include <cmath>
#include <limits>
#include <random>

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
  EXPECT_THAT(source->files()[0].renamed, testing::ElementsAre("MATIC-USD -> POL-USD", "XBT/USD -> BTC-USD"));
}

TEST_F(ParquetSourceTest, only_wanted_columns_are_filled) {
  const Chunk chunk = read(canonical_rows(), ColumnSet{Column::bid});
  EXPECT_EQ(chunk.f64(Column::bid)[0], 100.0);
  EXPECT_FALSE(chunk.columns.has(Column::size));
  EXPECT_TRUE(chunk.side.empty());
}

TEST_F(ParquetSourceTest, texts_of_every_arrow_kind_name_instruments) {
  const std::vector<std::optional<std::string>> names{"BTC-USD", std::nullopt, "ETH-USD"};
  const auto plain = tests::array_of<arrow::StringBuilder>(names);
  const auto large = tests::array_of<arrow::LargeStringBuilder>(names);
  const auto view = tests::array_of<arrow::StringViewBuilder>(names);
  for (const auto& symbols : {plain, large, view, dictionary(names)}) {
    for (const bool keeps_arrow_types : {true, false}) {
      const auto table = table_of({{"ts_event", integers({1, 2, 3})},
                                   {"venue", texts({"coinbase", "coinbase", "coinbase"})},
                                   {"symbol", symbols},
                                   {"price", doubles({1, 2, 3})}});
      const auto source = open(folder.write_parquet("ticks.parquet", table, 2, keeps_arrow_types));
      const Chunk chunk = tests::read_all(*source);
      ASSERT_EQ(chunk.rows(), 3U);
      EXPECT_EQ(symbol(chunk, 0), "coinbase BTC-USD") << symbols->type()->ToString();
      EXPECT_EQ(chunk.instrument[1], no_instrument);
      EXPECT_EQ(symbol(chunk, 2), "coinbase ETH-USD");
    }
  }
}

TEST_F(ParquetSourceTest, numbers_are_widened_where_that_loses_nothing) {
  const std::int64_t inexact = (std::int64_t{1} << 53) + 1;
  const Chunk chunk = read({{"ts_event", timestamps({1, 2, 3}, arrow::TimeUnit::MILLI)},
                            {"venue", texts({"kraken", "kraken", "kraken"})},
                            {"symbol", texts({"BTC-USD", "BTC-USD", "BTC-USD"})},
                            {"kind", integers({1, 99, std::nullopt})},
                            {"price", integers({5, std::nullopt, inexact})},
                            {"size", tests::array_of<arrow::FloatBuilder, float>({0.5F, 1.0F, std::nullopt})},
                            {"seq", integers({7, -1, std::nullopt})},
                            {"trade_id", doubles({3.0, 3.5, nan})},
                            {"side", integers({1, 7, 0})}});
  EXPECT_THAT(chunk.ts_event, testing::ElementsAre(1'000'000, 2'000'000, 3'000'000));
  EXPECT_EQ(chunk.f64(Column::price)[0], 5.0);
  EXPECT_EQ(chunk.f64(Column::price)[2], infinity) << "for the door to count";
  EXPECT_EQ(chunk.f64(Column::size)[0], 0.5);
  EXPECT_THAT(chunk.seq, testing::ElementsAre(7, no_u64, no_u64));
  EXPECT_THAT(chunk.trade_id, testing::ElementsAre(3, no_u64, no_u64));
  EXPECT_THAT(chunk.side, testing::ElementsAre(1, 0, 0));
  EXPECT_EQ(chunk.kind[0], 1);
  EXPECT_GE(chunk.kind[1], kind_count);
  EXPECT_GE(chunk.kind[2], kind_count) << "a missing kind is no quote";
  EXPECT_EQ(ledger[Reason::bad_number].count, 4U) << ledger.to_json();
}

TEST_F(ParquetSourceTest, times_outside_of_int64_nanoseconds_are_counted) {
  const Chunk chunk = read({{"ts_event", timestamps({1, INT64_MAX / 10}, arrow::TimeUnit::MILLI)},
                            {"venue", texts({"kraken", "kraken"})},
                            {"symbol", texts({"BTC-USD", "BTC-USD"})}});
  EXPECT_THAT(chunk.ts_event, testing::ElementsAre(1'000'000));
  EXPECT_EQ(ledger[Reason::unparsable_time].count, 1U);
  EXPECT_EQ(ledger.rows_read(), 1U);
}

TEST_F(ParquetSourceTest, rows_of_unknown_symbols_are_counted_and_left_out) {
  const Chunk chunk = read({{"ts_event", integers({1, 2, 3})},
                            {"venue", texts({"binance", "binance", "binance"})},
                            {"symbol", texts({"BTCUSDT", "WHATUSDT", "ethbtc"})}});
  ASSERT_EQ(chunk.rows(), 2U);
  EXPECT_EQ(symbol(chunk, 1), "binance ETH-BTC");
  EXPECT_EQ(ledger[Reason::unknown_symbol].count, 1U);
  EXPECT_EQ(ledger[Reason::unknown_symbol].sample, "WHATUSDT");
  EXPECT_EQ(ledger[Reason::unknown_symbol].first.row, 2U);
}

TEST_F(ParquetSourceTest, row_groups_larger_than_a_chunk_are_cut_and_small_ones_joined) {
  constexpr std::size_t rows = 200'000;
  std::vector<std::optional<std::int64_t>> times(rows);
  std::vector<std::optional<std::string>> symbols(rows);
  std::vector<std::optional<double>> prices(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    times[i] = static_cast<std::int64_t>(i);
    symbols[i] = i % 3 == 0 ? "BTC-USD" : "ETH-USD";
    if (i % 7 != 0) prices[i] = static_cast<double>(i);
  }
  const auto table = table_of({{"ts_event", integers(times)},
                               {"venue", texts(std::vector<std::optional<std::string>>(rows, "kraken"))},
                               {"symbol", dictionary(symbols)},
                               {"price", doubles(prices)}});
  for (const std::int64_t group_rows : {std::int64_t{rows}, std::int64_t{65'536}, std::int64_t{1'000}}) {
    const auto source = open(folder.write_parquet("ticks.parquet", table, group_rows));
    std::size_t largest = 0;
    const std::size_t most = group_rows == 1'000 ? 16'384 : default_chunk_rows;
    const Chunk chunk = tests::read_all(*source, ColumnSet::all(), &largest, most);
    ASSERT_EQ(chunk.rows(), rows) << group_rows;
    EXPECT_EQ(largest, most);
    for (std::size_t i = 0; i < rows; ++i) {
      ASSERT_EQ(chunk.ts_event[i], *times[i]);
      ASSERT_EQ(chunk.place[i].row, i + 1);
      ASSERT_EQ(instruments[chunk.instrument[i]].symbol, *symbols[i]);
      ASSERT_EQ(std::isnan(chunk.f64(Column::price)[i]), !prices[i].has_value());
      if (!prices[i]) continue;
      ASSERT_EQ(chunk.f64(Column::price)[i], *prices[i]);
    }
    EXPECT_EQ(source->progress(), 1.0);
  }
}

TEST_F(ParquetSourceTest, memory_does_not_grow_with_the_row_group) {
  constexpr std::size_t rows = 1 << 20;
  constexpr std::int64_t limit = 16 << 20;  // the row group has 40 MiB
  std::string path;
  {
    std::mt19937_64 random(7);
    std::vector<std::optional<std::int64_t>> times(rows);
    std::vector<std::optional<double>> prices(rows);
    for (std::size_t i = 0; i < rows; ++i)
      times[i] = static_cast<std::int64_t>(i), prices[i] = std::ldexp(random(), -40);
    const auto names = dictionary(std::vector<std::optional<std::string>>(rows, "BTC-USD"));
    const auto price = doubles(prices);
    path = folder.write_parquet("ticks.parquet",
                                table_of({{"ts_event", integers(times)},
                                          {"venue", names},
                                          {"symbol", names},
                                          {"price", price},
                                          {"bid", price},
                                          {"ask", price},
                                          {"vol_24h", price}}),
                                rows);
  }
  const auto source = open(path);
  const std::int64_t before = arrow::default_memory_pool()->bytes_allocated();
  Chunk chunk;
  chunk.reset(ColumnSet::all());
  while (source->next(chunk)) EXPECT_LT(arrow::default_memory_pool()->bytes_allocated() - before, limit);
}

TEST_F(ParquetSourceTest, the_footer_tells_the_times) {
  const std::string path = folder.write_parquet("ticks.parquet", table_of(canonical_rows()), 2);
  const ParquetFooter footer = read_parquet_footer(path);
  EXPECT_EQ(footer.times, std::pair(Nanos{1'000}, Nanos{3'000}));
  EXPECT_EQ(footer.rows, 3U);
  EXPECT_EQ(footer.row_groups, 2U);
  EXPECT_EQ(footer.layout.layout->name, "canonical");
}

TEST_F(ParquetSourceTest, columns_that_are_missing_or_of_the_wrong_type_are_told) {
  const NamedArray ts{"ts_event", integers({1})}, venue{"venue", texts({"kraken"})},
      symbol{"symbol", texts({"BTC-USD"})};
  EXPECT_THAT(problem_with({ts, venue}), testing::HasSubstr("column `symbol` is missing"));
  EXPECT_THAT(problem_with({ts, symbol}), testing::HasSubstr("column `venue` is missing"));
  EXPECT_THAT(
      problem_with({ts, venue, symbol, {"price", texts({"1"})}}),
      testing::HasSubstr("column `price` has the wrong type; expected double, or another number, found string"));
  EXPECT_THAT(
      problem_with({{"ts_event", doubles({1})}, venue, symbol}),
      testing::HasSubstr("column `ts_event` has the wrong type; expected timestamp[ns, UTC] or int64, found double"));
  EXPECT_THAT(problem_with({ts, venue, {"symbol", integers({1})}}),
              testing::HasSubstr("column `symbol` has the wrong type; expected text, found int64"));
  EXPECT_THAT(problem_with({ts, venue, symbol, {"seq", texts({"1"})}}),
              testing::HasSubstr("column `seq` has the wrong type; expected an integer, found string"));
  EXPECT_THAT(problem_with({{"a", integers({1})}, {"b", integers({1})}}),
              testing::HasSubstr("its layout is not known; found columns a, b; known layouts: canonical"));
}

}  // namespace
}  // namespace millrace
