#include "millrace/io/inputs.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "millrace/base/error.h"
#include "millrace/chunk/door.h"
#include "tests/io/files.h"

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string canonical_csv(Nanos from, std::size_t rows, const std::string& symbol = "BTC-USD") {
  std::string text = "ts_event,venue,symbol,kind,price\n";
  for (std::size_t i = 0; i < rows; ++i) {
    text += std::to_string(from + static_cast<Nanos>(i)) + ",coinbase," + symbol + ",trade,1\n";
  }
  return text;
}

std::shared_ptr<arrow::Table> canonical_table(Nanos from, std::size_t rows, bool has_venue = true) {
  std::vector<std::optional<std::int64_t>> times;
  for (std::size_t i = 0; i < rows; ++i) times.emplace_back(from + static_cast<Nanos>(i));
  const std::vector<std::optional<std::string>> symbols(rows, "BTC-USD"), venues(rows, "kraken");
  std::vector<tests::NamedArray> columns{{"ts_event", tests::integers(times)},
                                         {"symbol", tests::texts(symbols)},
                                         {"price", tests::doubles(std::vector<std::optional<double>>(rows, 1.0))}};
  if (has_venue) columns.emplace_back("venue", tests::texts(venues));
  return tests::table_of(columns);
}

struct InputsTest : testing::Test {
  tests::Folder folder;
  Instruments instruments;
  Ledger ledger;

  std::unique_ptr<Source> open(const std::vector<std::string>& paths, const InputOptions& options = {}) {
    return open_inputs(paths, options, instruments, ledger);
  }
  std::vector<Nanos> times(const std::vector<std::string>& paths) {
    const Chunk chunk = tests::read_all(*open(paths));
    return {chunk.ts_event.begin(), chunk.ts_event.end()};
  }
  std::string problem_with(const std::string& path, const InputOptions& options = {}) {
    try {
      tests::read_all(*open({path}, options));
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::input);
      return error.what();
    }
    return "none";
  }
  /// Rows that pass the door.
  std::uint64_t admitted(const std::string& path) {
    const auto source = open({path});
    Door door(ledger);
    Chunk chunk;
    chunk.reset(ColumnSet::all());
    std::uint64_t rows = 0;
    while (source->next(chunk)) {
      door.admit(chunk);
      rows += chunk.rows();
    }
    return rows;
  }
};

TEST_F(InputsTest, files_folders_and_patterns_are_read_as_one) {
  folder.write("b/2.csv", canonical_csv(3, 2));
  folder.write("b/1.csv", canonical_csv(1, 2));
  folder.write("b/notes.txt", "not data");
  folder.write("b/_state/3.csv", "not data");
  const std::string single = folder.write("a.csv", canonical_csv(7, 1));
  folder.write_gzip("z.csv.gz", canonical_csv(5, 2));
  EXPECT_THAT(times({folder.path("b"), single, folder.path("*.gz")}), ElementsAre(1, 2, 3, 4, 5, 6, 7));
}

TEST_F(InputsTest, a_file_named_twice_is_read_once) {
  const std::string path = folder.write("a.csv", canonical_csv(1, 2));
  EXPECT_THAT(times({path, folder.path(), path}), ElementsAre(1, 2));
}

TEST_F(InputsTest, a_partitioned_dataset_takes_its_venue_from_the_path) {
  folder.write_parquet("venue=binance_spot/date=1970-01-01/part-0.parquet", canonical_table(1, 1, false));
  folder.write_parquet("venue=coinbase/date=1970-01-01/part-0.parquet", canonical_table(2, 1, false));
  const auto chunk = tests::read_all(*open({folder.path()}));
  ASSERT_EQ(chunk.rows(), 2U);
  EXPECT_EQ(instruments[chunk.instrument[0]].venue, "binance");
  EXPECT_EQ(instruments[chunk.instrument[1]].venue, "coinbase");
}

TEST_F(InputsTest, parquet_files_that_follow_on_each_other_are_read_one_by_one) {
  for (int i = 0; i < 20; ++i) {
    folder.write_parquet("part-" + std::to_string(100 - i) + ".parquet", canonical_table(i * 10, 10));
  }
  const auto source = open({folder.path()}, {.open_files_limit = 1});
  const Chunk chunk = tests::read_all(*source);
  ASSERT_EQ(chunk.rows(), 200U);
  EXPECT_TRUE(std::is_sorted(chunk.ts_event.begin(), chunk.ts_event.end()));
  EXPECT_EQ(source->files().size(), 20U);
  EXPECT_NE(source->files()[0].modified, no_time);
}

TEST_F(InputsTest, daily_files_of_text_are_open_one_by_one) {
  for (int day = 0; day < 20; ++day)
    folder.write("day-" + std::to_string(20 - day) + ".csv", canonical_csv(day * 10, 10));
  const Chunk chunk = tests::read_all(*open({folder.path()}, {.open_files_limit = 1}));
  ASSERT_EQ(chunk.rows(), 200U);
  EXPECT_TRUE(std::is_sorted(chunk.ts_event.begin(), chunk.ts_event.end()));
}

TEST_F(InputsTest, too_many_files_at_the_same_time_are_refused) {
  folder.write_parquet("a.parquet", canonical_table(1, 10));
  folder.write_parquet("b.parquet", canonical_table(5, 10));
  EXPECT_THAT(problem_with(folder.path(), {.open_files_limit = 1}), HasSubstr("2 files overlap in time"));
  EXPECT_EQ(problem_with(folder.path(), {.open_files_limit = 2}), "none");
}

TEST_F(InputsTest, equal_times_go_in_the_order_of_the_files) {
  folder.write_parquet("a.parquet", canonical_table(5, 3));  // 5 6 7
  folder.write_parquet("b.parquet", canonical_table(1, 5));  // 1 to 5
  folder.write_parquet("c.parquet", canonical_table(8, 1));  // follows both
  const Chunk chunk = tests::read_all(*open({folder.path()}));
  std::vector<std::uint64_t> order;
  for (const Place place : chunk.place) order.push_back(place.source);
  EXPECT_THAT(order, ElementsAre(1, 1, 1, 1, 0, 1, 0, 0, 2));
}

TEST_F(InputsTest, bad_files_are_told_with_what_was_expected) {
  EXPECT_THAT(problem_with("/no/such/file.csv"), HasSubstr("there is no such file or folder"));
  EXPECT_THAT(problem_with(folder.path("*.parquet")), HasSubstr("no file has such a name"));
  EXPECT_THAT(problem_with(folder.path()), HasSubstr("the folder holds no data; expected files named *.parquet"));
  EXPECT_THAT(problem_with(folder.write("empty.csv", "")), HasSubstr("the file is empty"));
  EXPECT_THAT(problem_with(folder.write("picture.csv", std::string("\x89PNG\0\0\1", 7))),
              HasSubstr("is neither Parquet nor CSV nor gzip; it starts with bytes 89 50 4e 47"));
  EXPECT_THAT(problem_with(folder.write("text.csv", "once upon a time\n")), HasSubstr("its layout is not known"));
}

TEST_F(InputsTest, parquet_cut_anywhere_is_an_error) {
  const std::string whole_path = folder.write_parquet("whole.parquet", canonical_table(1, 1000));
  std::ifstream file(whole_path, std::ios::binary);
  const std::string whole(std::istreambuf_iterator<char>(file), {});
  for (const std::size_t size :
       {std::size_t{4}, std::size_t{11}, whole.size() / 2, whole.size() - 5, whole.size() - 1}) {
    EXPECT_THAT(problem_with(folder.write("cut.parquet", whole.substr(0, size))), HasSubstr("cut.parquet: ")) << size;
  }
}

TEST_F(InputsTest, damaged_parquet_pages_are_an_error_not_a_crash) {
  const std::string whole_path = folder.write_parquet("whole.parquet", canonical_table(1, 1000));
  std::ifstream file(whole_path, std::ios::binary);
  const std::string whole(std::istreambuf_iterator<char>(file), {});
  for (std::size_t at = 4; at < whole.size(); at += 97) {
    std::string damaged = whole;
    for (std::size_t i = at; i < std::min(at + 8, damaged.size()); ++i) damaged[i] = static_cast<char>(~damaged[i]);
    problem_with(folder.write("damaged.parquet", damaged));  // any Error, or rows
  }
}

TEST_F(InputsTest, gzip_cut_in_the_middle_is_an_error) {
  std::string text = "ts_event,venue,symbol,kind,price\n";
  for (int i = 0; i < 5000; ++i) text += std::to_string(i * 7919 % 10'000) + ",coinbase,BTC-USD,trade,1\n";
  const std::string path = folder.write_gzip("whole.csv.gz", text);
  std::ifstream file(path, std::ios::binary);
  const std::string whole(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(problem_with(path), "none");
  for (const std::size_t size : {whole.size() / 2, whole.size() - 1, whole.size() - 8}) {
    EXPECT_THAT(problem_with(folder.write("cut.csv.gz", whole.substr(0, size))),
                HasSubstr("the gzip stream is cut short"));
  }
  EXPECT_THAT(problem_with(folder.write("cut.csv.gz", whole.substr(0, 2))), HasSubstr("the gzip stream is cut short"));
  std::string damaged = whole;
  damaged[whole.size() / 2] = static_cast<char>(~damaged[whole.size() / 2]);
  damaged[whole.size() / 2 + 1] = static_cast<char>(~damaged[whole.size() / 2 + 1]);
  EXPECT_THAT(problem_with(folder.write("damaged.csv.gz", damaged)), HasSubstr("the gzip stream is damaged"));
}

TEST_F(InputsTest, gzip_in_several_members_is_one_text) {
  const std::string header = "ts_event,venue,symbol,kind,price\n", row = "1,coinbase,BTC-USD,trade,1\n";
  std::string bytes;
  for (const std::string& part : {header, row, row}) {
    std::ifstream file(folder.write_gzip("part.gz", part), std::ios::binary);
    bytes.append(std::istreambuf_iterator<char>(file), {});
  }
  EXPECT_THAT(times({folder.write("all.csv.gz", bytes)}), ElementsAre(1, 1));
}

TEST_F(InputsTest, a_file_is_described) {
  const std::string path = folder.write_parquet("a.parquet", canonical_table(1'000, 30), 10);
  const FileDescription about = describe_file(path);
  EXPECT_EQ(about.container, "Parquet");
  EXPECT_EQ(about.layout, "canonical");
  EXPECT_EQ(about.rows, 30U);
  EXPECT_EQ(about.row_groups, 3U);
  EXPECT_THAT(about.schema, HasSubstr("ts_event: int64\n"));
  EXPECT_FALSE(about.metadata.empty());
  ASSERT_EQ(about.instruments.size(), 1U);
  EXPECT_EQ(about.instruments[0].symbol, "BTC-USD");
  EXPECT_EQ(about.instruments[0].rows, 30U);
  EXPECT_EQ(about.instruments[0].first, 1'000);
  EXPECT_EQ(about.instruments[0].last, 1'029);
  const FileDescription text = describe_file(folder.write("a.csv", canonical_csv(5, 4)));
  EXPECT_EQ(text.container, "CSV");
  EXPECT_EQ(text.rows, 4U);
  EXPECT_THAT(text.schema, HasSubstr("price: text\n"));
}

struct RecordedFile {
  std::string_view name, venue, symbol;
  std::uint64_t rows, trades;
};

TEST_F(InputsTest, recorded_markets_are_read_whole) {
  const auto data = tests::market_data("normalized");
  if (!data) GTEST_SKIP() << tests::no_data_reason;
  constexpr std::array files{
      RecordedFile{"binance_spot_btcusdt_20240808", "binance", "BTC-USDT", 37'796, 9'757},
      RecordedFile{"binance_usdm_ethusdt_20240808", "binance_usdm", "ETH-USDT:PERP", 68'036, 14'076},
      RecordedFile{"binance_coinm_btcusd_perp_20240808", "binance_coinm", "BTC-USD:PERP", 21'417, 2'286},
      RecordedFile{"coinbase_exchange_10pairs_20210417", "coinbase", "SKL-BTC", 1'872, 97},
      RecordedFile{"kraken_spot_10pairs_20210417", "kraken", "XMR-USD", 206, 10},
      RecordedFile{"kraken_spot_btcusd_20260724", "kraken", "BTC-USD", 2'334, 172},
  };
  for (const RecordedFile& file : files) {
    const auto source = open({*data + "/" + std::string(file.name) + ".csv.gz"});
    const Chunk chunk = tests::read_all(*source);
    EXPECT_EQ(chunk.rows(), file.rows) << file.name;
    EXPECT_EQ(std::count(chunk.kind.begin(), chunk.kind.end(), 1), static_cast<std::ptrdiff_t>(file.trades))
        << file.name;
    EXPECT_NE(instruments.find(file.venue, file.symbol), no_instrument) << file.name;
    EXPECT_EQ(source->progress(), 1.0);
  }
  EXPECT_EQ(ledger.total(Consequence::rejected), 0U) << ledger.to_json();
}

TEST_F(InputsTest, every_recorded_file_passes_the_door) {
  const auto data = tests::market_data("normalized");
  if (!data) GTEST_SKIP() << tests::no_data_reason;
  EXPECT_EQ(admitted(*data), 266'746U);
  EXPECT_EQ(ledger.bad_share(), 0.0) << ledger.to_json();
}

TEST_F(InputsTest, bad_recorded_files_are_refused_by_their_layout) {
  const auto data = tests::market_data("bad_inputs");
  if (!data) GTEST_SKIP() << tests::no_data_reason;
  for (const auto& file : std::filesystem::directory_iterator(*data)) {
    const bool are_bars = file.path().string().find("constant_price") != std::string::npos;
    const char* const told = are_bars ? "bars of which venue?" : "its layout is not known";
    EXPECT_THAT(problem_with(file.path().string()), HasSubstr(told)) << file.path();
  }
}

}  // namespace
}  // namespace millrace
