#include "millrace/engine/backtest.h"

#include <algorithm>
#include <memory>

#include <gtest/gtest.h>

#include "millrace/engine/run_settings.h"
#include "millrace/engine/simulate.h"
#include "millrace/engine/sweep.h"

namespace millrace {
namespace {

/// A market's rows, some at a time.
class ChoppedSource : public Source {
 public:
  ChoppedSource(Instruments& instruments, std::size_t most_rows)
      : market_({.rows = 150'000, .symbols = 3, .seed = 11}, instruments), most_rows_(most_rows) {}

  bool next(Chunk& chunk) override {
    const ColumnSet columns = chunk.columns;
    if (at_ >= rows_.rows()) {
      rows_.reset(columns);
      at_ = 0;
      if (!market_.next(rows_)) return false;
    }
    const std::size_t count = std::min(most_rows_, rows_.rows() - at_);
    chunk.reset(columns);
    chunk.append(rows_, at_, count);
    at_ += count;
    return true;
  }
  ColumnSet columns() const override { return market_.columns(); }
  std::vector<SourceFile> files() const override { return market_.files(); }
  double progress() const override { return market_.progress(); }

 private:
  SimulatedMarket market_;
  std::size_t most_rows_, at_ = 0;
  Chunk rows_;
};

OpenSource chopped(std::size_t rows) {
  return [rows](Instruments& instruments, Ledger&) { return std::make_unique<ChoppedSource>(instruments, rows); };
}

constexpr const char* busy = R"toml(
[parameters]
entry_z = 1.5
window = 50
[let]
z = "rolling_zscore(price, window=$window)"
[rules]
entry_long = "z < -$entry_z"
entry_short = "z > $entry_z"
exit_long = "z >= 0"
exit_short = "z <= 0"
sigma = "rolling_std(price, window=$window)/price + 1e-5"
)toml";

RunSettings settings_of(const std::string& feed_latency) {
  return {.inputs = {"simulated"},
          .strategy = "busy.toml",
          .fees = "shipped",
          .feed_latency = feed_latency,
          .limits = {{"breaker_window", "3s"}, {"daily_loss_max", "1"}},
          .has_edge_test = false,
          .has_scenarios = false,
          .files = {{"busy.toml", busy}}};
}

RunResult run(const std::string& feed_latency, std::size_t chunk_rows, std::size_t threads = 1) {
  RunSettings settings = settings_of(feed_latency);
  BacktestOptions options = make_options(settings);
  options.has_progress = false;
  options.threads = threads;
  return run_backtest(options, chopped(chunk_rows));
}

void expect_same(const RunResult& a, const RunResult& b) {
  ASSERT_EQ(a.fills.size(), b.fills.size());
  for (std::size_t i = 0; i < a.fills.size(); ++i) {
    EXPECT_EQ(a.fills[i].ts_venue, b.fills[i].ts_venue);
    EXPECT_EQ(a.fills[i].ts_local, b.fills[i].ts_local);
    EXPECT_EQ(a.fills[i].fill.order, b.fills[i].fill.order);
    EXPECT_EQ(a.fills[i].fill.size, b.fills[i].fill.size);
    EXPECT_EQ(a.fills[i].price, b.fills[i].price);
    EXPECT_EQ(a.fills[i].delay_cost, b.fills[i].delay_cost);
  }
  ASSERT_EQ(a.orders.size(), b.orders.size());
  for (std::size_t i = 0; i < a.orders.size(); ++i) {
    EXPECT_EQ(a.orders[i].order.id, b.orders[i].order.id);
    EXPECT_EQ(a.orders[i].decided, b.orders[i].decided);
    EXPECT_EQ(a.orders[i].order.sent, b.orders[i].order.sent);
    EXPECT_EQ(a.orders[i].ended, b.orders[i].ended);
    EXPECT_EQ(a.orders[i].status, b.orders[i].status);
    EXPECT_EQ(a.orders[i].reason, b.orders[i].reason);
  }
  EXPECT_EQ(a.signals_total, b.signals_total);
  ASSERT_EQ(a.equity.size(), b.equity.size());
  for (std::size_t i = 0; i < a.equity.size(); ++i) {
    EXPECT_EQ(a.equity[i].ts, b.equity[i].ts);
    EXPECT_EQ(a.equity[i].equity, b.equity[i].equity);
  }
}

class BatchCuts : public ::testing::TestWithParam<const char*> {};

TEST_P(BatchCuts, DoNotChangeWhatARunDoes) {
  const RunResult whole = run(GetParam(), default_chunk_rows);
  ASSERT_GT(whole.fills.size(), 20U);
  for (const std::size_t rows : {std::size_t{7}, std::size_t{999}, std::size_t{30'001}}) {
    SCOPED_TRACE(rows);
    expect_same(whole, run(GetParam(), rows, 2));
  }
}

INSTANTIATE_TEST_SUITE_P(FeedLatencies, BatchCuts, ::testing::Values("0ms", "20ms", "lognormal(5ms,0.5)"));

TEST(FeedLatency, RowsAreKnownAndDecidedOnLater) {
  const RunResult late = run("20ms", default_chunk_rows);
  ASSERT_FALSE(late.orders.empty());
  for (const OrderRecord& one : late.orders) EXPECT_GE(one.order.sent, one.decided + 20'000'000);
  const RunResult prompt = run("0ms", default_chunk_rows);
  for (const OrderRecord& one : prompt.orders) EXPECT_GE(one.order.sent, one.decided);
}

TEST(Sweep, TrialsOfEqualFeaturesShareThemAndThreadsDoNotMatter) {
  const std::vector<GridAxis> axes{parse_axis("entry_z=1.5,2"), parse_axis("window=40,60"), parse_axis("cap=0.1,0.2")};
  const SweepResult one = run_sweep(settings_of("0ms"), axes, {}, 1, false, chopped(999));
  const SweepResult two = run_sweep(settings_of("0ms"), axes, {}, 3, false, chopped(default_chunk_rows));
  EXPECT_EQ(one.trials.size(), 8U);
  EXPECT_EQ(one.plans, 2U);  // by window: what only rules read is no feature
  EXPECT_EQ(to_json(one), to_json(two));
}

}  // namespace
}  // namespace millrace
