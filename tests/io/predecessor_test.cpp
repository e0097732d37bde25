#include "millrace/io/predecessor.h"

#include <cmath>

#include <gmock/gmock.h>

#include "millrace/io/parquet_source.h"
#include "tests/io/files.h"

namespace millrace {
namespace {

using tests::doubles;
using tests::integers;
using tests::texts;

struct PredecessorTest : testing::Test {
  tests::Folder folder;
  Instruments instruments;
  Ledger ledger;

  Chunk read(const std::vector<tests::NamedArray>& columns, std::string_view layout) {
    const std::string path = folder.write_parquet("flat.parquet", tests::table_of(columns));
    const auto source = open_parquet(path, ledger.add_source(path), instruments, ledger);
    EXPECT_EQ(source->files()[0].layout, layout);
    return tests::read_all(*source);
  }
  std::string name(const Chunk& chunk, std::size_t row) const {
    return instruments[chunk.instrument[row]].venue + " " + instruments[chunk.instrument[row]].symbol;
  }
};

double value(const Chunk& chunk, Column column, std::size_t row = 0) { return chunk.f64(column)[row]; }

TEST_F(PredecessorTest, coinbase_records_become_ticker_rows) {
  const Chunk chunk =
      read({{"type", texts({"ticker", "ticker"})},
            {"product_id", texts({"BTC-USD", "MATIC-USD"})},
            {"price", doubles({100.5, 1})},
            {"volume_24_h", doubles({10, 1})},
            {"low_24_h", doubles({90, 1})},
            {"high_24_h", doubles({110, 1})},
            {"low_52_w", texts({"1", "1"})},
            {"high_52_w", texts({"1", "1"})},
            {"price_percent_chg_24_h", doubles({-1.5, 0})},
            {"best_bid", doubles({100, 1})},
            {"best_ask", doubles({101, 1})},
            {"best_bid_quantity", doubles({3, 1})},
            {"best_ask_quantity", doubles({4, 1})},
            {"last_size", doubles({std::nullopt, std::nullopt})},
            {"volume_3d", tests::array_of<arrow::NullBuilder, std::nullptr_t>({std::nullopt, std::nullopt})},
            {"open_24h", tests::array_of<arrow::NullBuilder, std::nullptr_t>({std::nullopt, std::nullopt})},
            {"parent_timestamp", texts({"2024-08-08T23:54:14.0878965Z", "2024-08-08T23:54:15Z"})},
            {"parent_sequence_num", integers({42, std::nullopt})}},
           "coinbase flat");
  ASSERT_EQ(chunk.rows(), 2U);
  EXPECT_EQ(name(chunk, 0), "coinbase BTC-USD");
  EXPECT_EQ(name(chunk, 1), "coinbase POL-USD");
  EXPECT_THAT(chunk.ts_event, testing::ElementsAre(1723161254087896500, 1723161255000000000));
  EXPECT_THAT(chunk.kind, testing::ElementsAre(2, 2));
  EXPECT_THAT(chunk.seq, testing::ElementsAre(42, no_u64));
  EXPECT_EQ(value(chunk, Column::price), 100.5);
  EXPECT_EQ(value(chunk, Column::bid), 100);
  EXPECT_EQ(value(chunk, Column::ask), 101);
  EXPECT_EQ(value(chunk, Column::bid_size), 3);
  EXPECT_EQ(value(chunk, Column::ask_size), 4);
  EXPECT_EQ(value(chunk, Column::vol_24h), 10);
  EXPECT_EQ(value(chunk, Column::high_24h), 110);
  EXPECT_EQ(value(chunk, Column::low_24h), 90);
  EXPECT_EQ(value(chunk, Column::pct_chg_24h), -1.5);
  EXPECT_TRUE(std::isnan(value(chunk, Column::open_24h)));
  EXPECT_TRUE(std::isnan(value(chunk, Column::size)));
}

TEST_F(PredecessorTest, kraken_records_become_ticker_rows) {
  const Chunk chunk = read({{"symbol", texts({"XBT/USD", "ETH/EUR"})},
                            {"ask", doubles({101, 11})},
                            {"ask_qty", doubles({4, 1})},
                            {"bid", doubles({100, 10})},
                            {"bid_qty", doubles({3, 1})},
                            {"last", doubles({100.5, 10.5})},
                            {"volume", doubles({10, 1})},
                            {"vwap", doubles({99, 1})},
                            {"low", doubles({90, 1})},
                            {"high", doubles({110, 1})},
                            {"change", doubles({0.5, std::nullopt})},
                            {"change_pct", doubles({0.5, 0})},
                            {"timestamp", texts({"2024-08-08T23:54:14.087896Z", "not a time"})},
                            {"channel", texts({"ticker", "ticker"})},
                            {"type", texts({"update", "update"})}},
                           "kraken flat");
  ASSERT_EQ(chunk.rows(), 1U) << "a row without a time is counted";
  EXPECT_EQ(ledger[Reason::unparsable_time].sample, "not a time");
  EXPECT_EQ(name(chunk, 0), "kraken BTC-USD");
  EXPECT_EQ(chunk.ts_event[0], 1723161254087896000);
  EXPECT_EQ(chunk.kind[0], 2);
  EXPECT_EQ(value(chunk, Column::price), 100.5);
  EXPECT_EQ(value(chunk, Column::open_24h), 100.0) << "last - change";
  EXPECT_EQ(value(chunk, Column::vwap_24h), 99);
  EXPECT_EQ(value(chunk, Column::pct_chg_24h), 0.5);
  EXPECT_EQ(value(chunk, Column::bid_size), 3);
}

TEST_F(PredecessorTest, binance_records_become_ticker_rows) {
  const Chunk chunk = read({{"symbol", texts({"BTCUSDT", "maticusdt"})},
                            {"timestamp", integers({1723161254087, 1723161255000})},
                            {"best_bid", doubles({100, 1})},
                            {"best_bid_qty", doubles({3, 1})},
                            {"best_ask", doubles({101, 1})},
                            {"best_ask_qty", doubles({4, 1})},
                            {"last_price", doubles({100.5, 1})},
                            {"open_price", doubles({95, 1})},
                            {"high_price", doubles({110, 1})},
                            {"low_price", doubles({90, 1})},
                            {"volume", doubles({10, 1})},
                            {"quote_volume", doubles({1000, 1})},
                            {"price_change", doubles({5.5, 1})},
                            {"price_change_pct", doubles({5.8, 1})},
                            {"weighted_avg_price", doubles({99, 1})},
                            {"num_trades", integers({1234, std::nullopt})},
                            {"channel", texts({"combined", "combined"})}},
                           "binance flat");
  ASSERT_EQ(chunk.rows(), 2U);
  EXPECT_EQ(name(chunk, 0), "binance BTC-USDT");
  EXPECT_EQ(name(chunk, 1), "binance POL-USDT");
  EXPECT_EQ(chunk.ts_event[0], 1723161254087000000);
  EXPECT_EQ(value(chunk, Column::quote_vol_24h), 1000);
  EXPECT_EQ(value(chunk, Column::open_24h), 95);
  EXPECT_EQ(value(chunk, Column::vwap_24h), 99);
  EXPECT_THAT(chunk.n_trades_24h, testing::ElementsAre(1234, no_i64));
  EXPECT_EQ(chunk.flags[0], 0U);
}

TEST_F(PredecessorTest, numbers_may_be_text) {
  const Chunk chunk =
      read({{"product_id", texts({"BTC-USD", "BTC-USD", "BTC-USD"})},
            {"price", texts({"100.5", "", "many"})},
            {"best_bid", integers({100, 100, 100})},
            {"best_ask", texts({"101", "1e2", std::nullopt})},
            {"parent_sequence_num", texts({"42", "-", std::nullopt})},
            {"parent_timestamp", texts({"2024-08-08T23:54:14Z", "2024-08-08T23:54:14+02:00", "2024-08-08"})}},
           "coinbase flat");
  ASSERT_EQ(chunk.rows(), 3U);
  EXPECT_EQ(value(chunk, Column::price, 0), 100.5);
  EXPECT_TRUE(std::isnan(value(chunk, Column::price, 1)));
  EXPECT_TRUE(std::isinf(value(chunk, Column::price, 2))) << "for the door to count";
  EXPECT_EQ(value(chunk, Column::ask, 1), 100.0);
  EXPECT_THAT(chunk.seq, testing::ElementsAre(42, no_u64, no_u64));
  EXPECT_EQ(ledger[Reason::bad_number].sample, "-");
}

}  // namespace
}  // namespace millrace
