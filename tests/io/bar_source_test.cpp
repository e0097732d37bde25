#include "millrace/io/bar_source.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "millrace/base/error.h"
#include "millrace/io/inputs.h"

namespace millrace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Nanos minute = 60 * one_second;

class BarSourceTest : public ::testing::Test {
 protected:
  BarSourceTest() {
    folder = std::filesystem::temp_directory_path() / ("millrace_bars_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder / "venue=binance/symbol=BTC-USDT");
  }
  ~BarSourceTest() override { std::filesystem::remove_all(folder); }

  std::string write(const std::string& name, const std::string& text) {
    const std::string path = (folder / name).string();
    std::ofstream(path) << text;
    return path;
  }
  std::string problem_with(const std::string& path) {
    try {
      open_inputs(std::array{path}, {}, instruments, ledger);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  }
  Chunk read(const std::string& path) {
    const auto source = open_inputs(std::array{path}, {}, instruments, ledger);
    Chunk chunk;
    chunk.reset(ColumnSet::all());
    source->next(chunk);
    return chunk;
  }

  std::filesystem::path folder;
  Instruments instruments;
  Ledger ledger;
};

TEST_F(BarSourceTest, a_bar_becomes_five_trades_whose_extremes_nobody_may_decide_on) {
  const std::string path = write("venue=binance/symbol=BTC-USDT/a.csv",
                                 "ts_ms,open,high,low,close,volume\n0,100,103,99,102,50\n60000,102,104,98,99,5\n");
  const Chunk chunk = read(path);
  ASSERT_EQ(chunk.rows(), 10U);
  EXPECT_EQ(instruments[chunk.instrument[0]].symbol, "BTC-USDT");
  const double* price = chunk.f64(Column::price);
  EXPECT_THAT(std::vector<double>(price, price + 10), ElementsAre(100, 100, 99, 103, 102, 102, 102, 104, 98, 99));
  EXPECT_EQ(chunk.ts_event[0], 0);
  EXPECT_EQ(chunk.ts_event[4], minute - 1);
  EXPECT_EQ(chunk.ts_event[5], minute);
  for (std::size_t row = 0; row < 10; ++row) {
    EXPECT_EQ((chunk.flags[row] & flag_within_bar) != 0, row % 5 == 2 || row % 5 == 3) << row;
    EXPECT_EQ(chunk.f64(Column::size)[row], row < 5 ? 10.0 : 1.0);
    EXPECT_EQ(static_cast<Kind>(chunk.kind[row]), Kind::trade);
  }
  EXPECT_EQ(ledger.total(Consequence::rejected), 0U);
}

TEST_F(BarSourceTest, a_bar_that_does_not_hold_its_prices_is_counted) {
  const std::string path = write("venue=binance/symbol=BTC-USDT/a.csv",
                                 "ts_ms,open,high,low,close\n0,100,103,99,102\n60000,102,101,98,99\n120000,1,1,1,1\n");
  EXPECT_EQ(read(path).rows(), 10U);
  EXPECT_EQ(ledger[Reason::unparsable_row].count, 1U);
}

TEST_F(BarSourceTest, bars_without_a_name_or_times_are_refused) {
  EXPECT_THAT(problem_with(write("a.csv", "ts_ms,open,high,low,close\n0,1,1,1,1\n60000,1,1,1,1\n")),
              HasSubstr("bars of which venue?"));
  EXPECT_THAT(
      problem_with(write("venue=binance/symbol=BTC-USDT/b.csv", "time,open,high,low,close\n1,1,1,1,1\n2,1,1,1,1\n")),
      HasSubstr("expected times or whole numbers called ts_ms, ts_us or ts_ns"));
  EXPECT_THAT(problem_with(write("venue=binance/symbol=BTC-USDT/c.csv", "ts_ms,open,high,low,close\n0,1,1,1,1\n")),
              HasSubstr("expected at least 2 bars"));
}

}  // namespace
}  // namespace millrace
