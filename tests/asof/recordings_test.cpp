#include <fmt/format.h>
#include <gtest/gtest.h>

#include "millrace/io/inputs.h"
#include "millrace/market/tick.h"
#include "tests/asof/entries.h"
#include "tests/io/files.h"

namespace millrace::testing {
namespace {

/// Trades and quotes of a recording, in the order of arrival.
struct Recording {
  Side trades, quotes;
  std::vector<LogRow> log;
};

Recording read(const std::string& path) {
  Recording recording;
  Instruments instruments;
  Ledger ledger;
  const std::vector<std::string> paths{path};
  const auto source = open_inputs(paths, {}, instruments, ledger);
  const Chunk rows = tests::read_all(*source);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const bool is_quote = rows.kind[i] == static_cast<std::uint8_t>(Kind::quote);
    Side& side = is_quote ? recording.quotes : recording.trades;
    recording.log.push_back({is_quote, side.size()});
    side.add(rows.ts_event[i], rows.instrument[i]);
  }
  return recording;
}

Side in_order_of_time(const Side& side) {
  std::vector<std::size_t> order(side.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return side.times[a] < side.times[b]; });
  Side sorted;
  for (const std::size_t i : order) sorted.add(side.times[i], side.keys[i]);
  return sorted;
}

std::size_t count_differing(const Matches& a, const Matches& b) {
  std::size_t differing = 0;
  for (std::size_t i = 0; i < a.size(); ++i) differing += static_cast<std::size_t>(a[i] != b[i]);
  return differing;
}

TEST(AsofRecordings, ByTimeAndByLogAgreeOnceTheLogIsSorted) {
  for (const char* name :
       {"binance_usdm_btcusdt_20240808", "binance_spot_btcusdt_20240808", "coinbase_exchange_10pairs_20210417"}) {
    const auto path = tests::market_data(fmt::format("normalized/{}.csv.gz", name));
    if (!path) GTEST_SKIP() << tests::no_data_reason;
    const auto [trades, quotes, log] = read(*path);
    ASSERT_GT(trades.size(), 20U);
    ASSERT_GT(quotes.size(), 20U);
    for (const bool is_strict : {false, true}) {
      const AsofRule rule{.is_strict = is_strict};
      const Side left = in_order_of_time(trades), right = in_order_of_time(quotes);
      StreamingAsofJoinKernel sorted(rule, 8), arrived(rule, 8);
      const Matches by_time = by_batch(left, right, rule, 1);
      EXPECT_EQ(by_log(sorted, log_of(left, right, !is_strict), left, right), by_time) << name;
      EXPECT_EQ(by_stream(left, right, rule, 1000), by_time) << name;
      EXPECT_EQ(sorted.stats().missed, 0U);
      const std::size_t differing =
          count_differing(by_log(arrived, log, trades, quotes), by_batch(trades, quotes, rule, 1));
      std::cout << fmt::format("{}{}: {} trades, {} have another quote by log than by time ({} misses)\n", name,
                               is_strict ? ", strict" : "", trades.size(), differing, arrived.stats().missed);
      EXPECT_LT(differing, trades.size());
    }
  }
}

}  // namespace
}  // namespace millrace::testing
