#include "millrace/io/csv_source.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "millrace/base/error.h"
#include "millrace/io/csv_records.h"
#include "tests/io/files.h"

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Gives a text in pieces of a few bytes.
ReadBytes bytes_of(std::string text, std::size_t piece = 1 << 20) {
  return [text = std::move(text), at = std::size_t{0}, piece](std::span<char> into) mutable {
    const std::size_t count = std::min({piece, into.size(), text.size() - at});
    std::copy_n(text.data() + at, count, into.data());
    at += count;
    return count;
  };
}

/// Every record as its fields joined by '|', its line in front; "!" for what is no record.
std::vector<std::string> records_of(const std::string& text, std::size_t piece = 1 << 20) {
  CsvRecords records(bytes_of(text, piece));
  std::vector<std::string> all;
  for (auto found = records.next(); found != CsvRecords::Found::end; found = records.next()) {
    std::string joined = std::to_string(records.line());
    if (found == CsvRecords::Found::broken) joined += "!";
    for (const std::string_view field : records.fields()) joined.append("|").append(field);
    all.push_back(joined);
  }
  return all;
}

TEST(CsvRecords, fields_are_cut_at_commas_and_lines) {
  EXPECT_THAT(records_of("a,b,c\n1,,3\n\n,,\nlast,line"), ElementsAre("1|a|b|c", "2|1||3", "4|||", "5|last|line"));
  EXPECT_THAT(records_of("a,b\r\n1,2\r\n"), ElementsAre("1|a|b", "2|1|2"));
  EXPECT_THAT(records_of(""), ElementsAre());
}

TEST(CsvRecords, quoted_fields_hold_commas_quotes_and_line_ends) {
  EXPECT_THAT(records_of("\"a,b\",c\n\"say \"\"hi\"\"\",\"\"\n\"two\nlines\",x\nend\n"),
              ElementsAre("1|a,b|c", "2|say \"hi\"|", "3|two\nlines|x", "5|end"));
}

TEST(CsvRecords, the_size_of_the_pieces_does_not_matter) {
  const std::string text = "\"a,b\",c\r\n1,\"two\nlines\"\n\n\"x\"\"y\",z";
  const auto whole = records_of(text);
  for (std::size_t piece = 1; piece < 12; ++piece) EXPECT_EQ(records_of(text, piece), whole) << piece;
}

TEST(CsvRecords, an_open_quote_costs_its_own_line_only) {
  EXPECT_THAT(records_of("a,b\n\"open,1\n2,3\n"), ElementsAre("1|a|b", "2!", "3|2|3"));
  EXPECT_THAT(records_of("\"x\"y,1\n2,3\n"), ElementsAre("1!", "2|2|3"));
}

TEST(CsvRecords, a_line_above_the_limit_is_passed_over) {
  const std::string text = "a\n" + std::string(CsvRecords::record_limit + 5, 'x') + "\nb\n";
  EXPECT_THAT(records_of(text), ElementsAre("1|a", "2!", "3|b"));
  EXPECT_THAT(records_of("a\n" + std::string(3 * CsvRecords::record_limit, 'x')), ElementsAre("1|a", "2!"));
}

struct CsvSourceTest : testing::Test {
  Instruments instruments;
  Ledger ledger;

  std::unique_ptr<Source> open(const std::string& text, const std::string& name = "ticks.csv") {
    return open_csv({.path = name, .bytes = bytes_of(text), .number = ledger.add_source(name)}, instruments, ledger);
  }
  Chunk read(const std::string& text) { return tests::read_all(*open(text)); }
  std::string symbol(const Chunk& chunk, std::size_t row) const {
    const Instrument& it = instruments[chunk.instrument[row]];
    return it.venue + " " + it.symbol;
  }
  std::string problem_with(const std::string& text) {
    try {
      read(text);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::input);
      return error.what();
    }
    return "none";
  }
  std::string noted(Reason reason) const {
    return std::to_string(ledger[reason].count) + " " + ledger.text_of(ledger[reason].first) + " " +
           ledger[reason].sample;
  }
};

TEST_F(CsvSourceTest, canonical_columns_come_in_any_order) {
  const Chunk chunk = read(
      "symbol,price,venue,kind,ts_event,side,size,seq,ignored\n"
      "BTC-USD,100.5,coinbase,trade,1000,sell,2,7,x\n"
      "ETH-USD,10,coinbase,1,1970-01-01T00:00:00.000002Z,+1,1e-3,8,y\n"
      "XBT/USD,,kraken,quote,3000,,,,z\n");
  ASSERT_EQ(chunk.rows(), 3U);
  EXPECT_THAT(chunk.ts_event, ElementsAre(1000, 2000, 3000));
  EXPECT_THAT(chunk.kind, ElementsAre(1, 1, 0));
  EXPECT_THAT(chunk.side, ElementsAre(-1, 1, 0));
  EXPECT_THAT(chunk.seq, ElementsAre(7, 8, no_u64));
  EXPECT_EQ(chunk.f64(Column::size)[1], 1e-3);
  EXPECT_TRUE(std::isnan(chunk.f64(Column::price)[2]));
  EXPECT_EQ(symbol(chunk, 0), "coinbase BTC-USD");
  EXPECT_EQ(symbol(chunk, 2), "kraken BTC-USD");
  EXPECT_EQ(chunk.place[2].row, 4U) << "the line";
}

TEST_F(CsvSourceTest, names_of_the_predecessor_are_read_as_canonical_columns) {
  const Chunk chunk = read(
      "ts_event,venue,symbol,kind,best_bid,best_ask,best_bid_quantity,last_size,volume_24_h\n"
      "1,coinbase,BTC-USD,ticker,1,2,3,4,5\n");
  EXPECT_EQ(chunk.f64(Column::bid)[0], 1);
  EXPECT_EQ(chunk.f64(Column::ask)[0], 2);
  EXPECT_EQ(chunk.f64(Column::bid_size)[0], 3);
  EXPECT_EQ(chunk.f64(Column::size)[0], 4);
  EXPECT_EQ(chunk.f64(Column::vol_24h)[0], 5);
}

TEST_F(CsvSourceTest, normalized_rows_fall_back_to_the_receive_time) {
  const Chunk chunk = read(
      "ts_ns,venue,symbol,price,last_size,side,best_bid,best_ask,best_bid_quantity,best_ask_quantity,event,exch_ts_ms\n"
      "1723161254087896568,binance_spot,BTCUSDT,61837.63,0.02,sell,61837.63,61837.64,3.7,1.5,trade,1723161255343\n"
      "1723161254116723068,binance_spot,BTCUSDT,61837.63,0.02,sell,61837.63,61837.64,3.7,1.6,quote,\n");
  ASSERT_EQ(chunk.rows(), 2U);
  EXPECT_THAT(chunk.ts_event, ElementsAre(1723161255343000000, 1723161254116723068));
  EXPECT_THAT(chunk.ts_recv, ElementsAre(1723161254087896568, 1723161254116723068));
  EXPECT_THAT(chunk.flags, ElementsAre(0, flag_receive_time));
  EXPECT_THAT(chunk.side, ElementsAre(-1, 0)) << "the side of a trade is on its own row";
  EXPECT_EQ(chunk.f64(Column::size)[0], 0.02);
  EXPECT_TRUE(std::isnan(chunk.f64(Column::size)[1]));
  EXPECT_EQ(chunk.f64(Column::price)[1], 61837.63);
  EXPECT_EQ(symbol(chunk, 0), "binance BTC-USDT");
}

TEST_F(CsvSourceTest, what_cannot_be_read_is_counted_where_it_stands) {
  const Chunk chunk = read(
      "ts_event,venue,symbol,kind,price,seq\n"
      "1,coinbase,BTC-USD,trade,1,1\n"
      "2,coinbase,BTC-USD,trade\n"
      "soon,coinbase,BTC-USD,trade,1,1\n"
      "0001-01-01T00:00:00Z,coinbase,BTC-USD,trade,1,1\n"
      "5,coinbase,BTC-USD,trade,0.-10000,-4\n"
      "6,binance,NOSUCHUSDT,trade,1,1\n"
      "7,,BTC-USD,trade,1,1\n"
      "8,coinbase,BTC-USD,wonder,nan,1\n");
  EXPECT_THAT(chunk.ts_event, ElementsAre(1, 5, 7, 8));
  EXPECT_EQ(noted(Reason::unparsable_row), "1 ticks.csv:3 2,coinbase,BTC-USD,trade");
  EXPECT_EQ(noted(Reason::unparsable_time), "2 ticks.csv:4 soon");
  EXPECT_EQ(noted(Reason::unknown_symbol), "1 ticks.csv:7 NOSUCHUSDT");
  EXPECT_EQ(noted(Reason::bad_number), "1 ticks.csv:6 -4");
  EXPECT_EQ(chunk.f64(Column::price)[1], infinity) << "for the door to count";
  EXPECT_EQ(chunk.f64(Column::price)[3], infinity);
  EXPECT_EQ(chunk.seq[1], no_u64);
  EXPECT_EQ(chunk.instrument[2], no_instrument);
  EXPECT_GE(chunk.kind[3], kind_count);
  EXPECT_EQ(ledger.rows_read(), 4U) << "the door has not seen the rejected rows";
}

TEST_F(CsvSourceTest, only_wanted_columns_are_filled) {
  const auto source = open("ts_event,venue,symbol,kind,price,bid,seq\n1,coinbase,BTC-USD,trade,1,bad,bad\n");
  const Chunk chunk = tests::read_all(*source, {});
  EXPECT_FALSE(chunk.columns.has(Column::bid));
  EXPECT_EQ(ledger[Reason::bad_number].count, 1U) << "seq is always read";
  EXPECT_TRUE(source->columns().has(Column::bid));
  EXPECT_FALSE(source->columns().has(Column::ask));
}

TEST_F(CsvSourceTest, venue_and_symbol_may_stand_in_the_path) {
  const auto source = open("ts_event,kind,price\n1,trade,1\n", "set/venue=kraken/symbol=XBT%2FUSD/part.csv");
  const Chunk chunk = tests::read_all(*source);
  EXPECT_EQ(symbol(chunk, 0), "kraken BTC-USD");
  EXPECT_THAT(source->files()[0].renamed, ElementsAre("XBT/USD -> BTC-USD"));
}

TEST_F(CsvSourceTest, without_a_kind_the_values_tell_what_rows_are) {
  EXPECT_THAT(read("ts_event,venue,symbol,price,size\n1,kraken,BTC-USD,1,1\n").kind, ElementsAre(1));
  EXPECT_THAT(read("ts_event,venue,symbol,bid,ask\n1,kraken,BTC-USD,1,1\n").kind, ElementsAre(0));
  EXPECT_THAT(read("ts_event,venue,symbol,price,bid,ask\n1,kraken,BTC-USD,1,1,1\n").kind, ElementsAre(2));
  EXPECT_THAT(problem_with("ts_event,venue,symbol,price,size,bid\n"), HasSubstr("column `kind` is missing"));
}

TEST_F(CsvSourceTest, a_header_that_cannot_be_used_is_told) {
  EXPECT_THAT(problem_with("ts_event,venue,price\n"),
              HasSubstr("ticks.csv: column `symbol` is missing; expected in layout \"canonical\", found ts_event"));
  EXPECT_THAT(problem_with("ts_event,symbol,price\n"), HasSubstr("column `venue` is missing"));
  EXPECT_THAT(problem_with("ts_ms,open,high,low,close,volume\n"),
              HasSubstr("its layout is not known; found columns ts_ms, open, high, low, close, volume; known layouts: "
                        "canonical (has `ts_event`), normalized"));
  EXPECT_THAT(problem_with(""), HasSubstr("the file is empty"));
  EXPECT_EQ(problem_with("\xef\xbb\xbfts_event,venue,symbol,price\n"), "none") << "a byte order mark";
}

TEST_F(CsvSourceTest, a_long_file_comes_in_chunks) {
  std::string text = "ts_event,venue,symbol,kind,price\n";
  for (int i = 0; i < 150'000; ++i) text += std::to_string(i) + ",coinbase,BTC-USD,1," + std::to_string(i + 1) + "\n";
  for (const std::size_t most : {default_chunk_rows, std::size_t{16'384}, std::size_t{1}}) {
    std::size_t largest = 0;
    const Chunk chunk = tests::read_all(*open(text), ColumnSet::all(), &largest, most);
    ASSERT_EQ(chunk.rows(), 150'000U);
    EXPECT_EQ(largest, most);
    EXPECT_EQ(chunk.ts_event[149'999], 149'999);
    EXPECT_EQ(chunk.f64(Column::price)[149'999], 150'000.0);
    EXPECT_EQ(chunk.place[149'999].row, 150'001U);
  }
}

}  // namespace
}  // namespace millrace
