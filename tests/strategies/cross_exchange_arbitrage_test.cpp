#include <cmath>
#include <functional>

#include <gmock/gmock.h>

#include "millrace/base/error.h"
#include "tests/strategies/market_script.h"

namespace millrace::testing {
namespace {

using ::testing::HasSubstr;

constexpr Nanos ms = 1'000'000;
constexpr Nanos start = 1'767'225'600 * one_second;  // 2026-01-01

constexpr const char* fees = R"(
[a]
date = "2026-01-01"
source = "made"
withdrawal = 7.0
tiers = [{ name = "only", maker_bps = 5, taker_bps = 5 }]
[b]
date = "2026-01-01"
source = "made"
withdrawal = 7.0
tiers = [{ name = "only", maker_bps = 5, taker_bps = 5 }]
)";
constexpr const char* steps = R"(venue,symbol,tick_size,lot_size
a,BTC-USD,0.01,0.001
b,BTC-USD,0.01,0.001
b,BTC-USDT,0.01,0.001
b,USDT-USD,0.0001,0.01
)";

RunSettings settings() {
  RunSettings made = settings_of("cross_exchange_arbitrage", fees, steps);
  made.capital = {"a:USD=100000", "b:USD=100000", "a:BTC-USD=100", "b:BTC-USD=100"};
  return made;
}

/// A price that trembles so much that a gap of 1 % is no outlier, for which the guards would take it.
double tremble(int step) { return 0.4 * (step % 3 - 1); }
constexpr int opens = 3'600;  // once the breaker knows its five minutes
constexpr int count = 4501;   // rows of a venue: ends where it began

std::string note_of(const RunResult& run) {
  for (const std::string& note : run.notes) {
    if (note.find("comparisons") != std::string::npos) return note;
  }
  return {};
}

/// Quotes of both venues each 100 ms around 100, with a spread of 0.02; `shift` moves the middle of b, `shift_a` that
/// of a.
using Shift = std::function<double(int)>;
std::vector<ScriptRow> market(
    const Shift& shift, double size = 1e6, double noise = 1.0, const Shift& shift_a = [](int) { return 0.0; }) {
  std::vector<ScriptRow> rows;
  for (int i = 0; i < count; ++i) {
    const double level = 100.0 + noise * tremble(i), a = level + shift_a(i), b = level + shift(i);
    rows.push_back(ticker("a", "BTC-USD", start + i * 100 * ms, a - 0.01, a + 0.01, size));
    rows.push_back(ticker("b", "BTC-USD", start + i * 100 * ms + ms, b - 0.01, b + 0.01, size));
  }
  return rows;
}

double base_held(const RunResult& run) {
  double sum = 200.0;
  for (const FillRecord& one : run.fills) sum += static_cast<double>(one.fill.side) * one.size;
  return sum;
}

TEST(CrossExchangeArbitrage, TakesAGapLessBothFeesAndIsFlatInRiskAtOnce) {
  // b is 1 % dearer for a second.
  const RunResult run = play(market([](int i) { return i >= opens && i < opens + 10 ? 1.0 : 0.0; }, 20.0), settings());
  ASSERT_EQ(run.fills.size(), 2U);
  EXPECT_EQ(run.fills[0].fill.side, Side::sell);
  EXPECT_EQ(run.fills[1].fill.side, Side::buy);
  EXPECT_EQ(run.fills[0].size, 20.0);  // what is displayed
  EXPECT_NEAR(base_held(run), 200.0, 1e-9);
  const auto done = signals_of(run, "deal", "done");
  ASSERT_EQ(done.size(), 1U);
  // Sold at about 100.99, bought at about 100.01, 5 bps of both taken off.
  EXPECT_NEAR(done[0].value, 1e4 * (1.0 - 100.01 / 100.99) - 10.0, 3.0);
  EXPECT_NEAR(done[0].expected_cost_bps, 10.0 + 1.0 + 1e4 * 14.0 / (0.6 * 100.0 * 100.5), 0.2);
  const double brought = 20.0 * (run.fills[0].price - run.fills[1].price) - run.fills[0].fee - run.fills[1].fee;
  EXPECT_GT(brought, 16.0);
  EXPECT_NEAR(net_of(run), brought, 1e-6);
}

TEST(CrossExchangeArbitrage, AGapBetweenMiddlesIsNoProfit) {
  std::vector<ScriptRow> rows;
  for (int i = 0; i < count; ++i) {  // middles are 0.5 % apart, spreads 0.6 % wide
    const double a = 100.0 + tremble(i), b = 100.5 + tremble(i);
    rows.push_back(ticker("a", "BTC-USD", start + i * 100 * ms, a - 0.3, a + 0.3));
    rows.push_back(ticker("b", "BTC-USD", start + i * 100 * ms + ms, b - 0.3, b + 0.3));
  }
  const RunResult run = play(rows, settings());
  EXPECT_EQ(run.orders_total, 0U);
  EXPECT_NEAR(net_of(run), 0.0, 1e-6);
  EXPECT_THAT(note_of(run), HasSubstr("0 were crossed"));
  EXPECT_THAT(note_of(run), HasSubstr("0 deals"));
}

TEST(CrossExchangeArbitrage, TenBasisPointsAreOneTenthOfAPercent) {
  RunSettings set = settings();
  set.has_edge_test = false;
  set.set = {{"net_min_bps", "0"}, {"slippage_bps", "0"}, {"skew_max", "1"}};
  // The bid of b is 0.5 % above the ask of a.
  const RunResult run = play(market([](int i) { return i >= opens ? 0.52 : 0.0; }, 1e6, 0.0), set);
  const auto gaps = signals_of(run, "gap", "seen");
  ASSERT_FALSE(gaps.empty());
  EXPECT_NEAR(gaps[0].expected_gain_bps, 1e4 * 0.5 / 100.26, 1e-6);
  // 5 bps a side, and 14 of withdrawals on 10,000: 14 bps.
  EXPECT_NEAR(gaps[0].expected_cost_bps, 10.0 + 14.0, 0.2);
  EXPECT_DOUBLE_EQ(gaps[0].value, gaps[0].expected_gain_bps - gaps[0].expected_cost_bps);
}

TEST(CrossExchangeArbitrage, TetherIsNotTheDollar) {
  std::vector<ScriptRow> rows;
  for (int i = 0; i < count; ++i) {  // USDT is worth 0.98, so BTC-USDT at 102.04 is no bargain to sell
    const double a = 100.0 + tremble(i), b = (100.0 + tremble(i)) / 0.98;
    rows.push_back(ticker("b", "USDT-USD", start + i * 100 * ms - 2 * ms, 0.9799, 0.9801));
    rows.push_back(ticker("a", "BTC-USD", start + i * 100 * ms, a - 0.01, a + 0.01));
    rows.push_back(ticker("b", "BTC-USDT", start + i * 100 * ms + ms, b - 0.01, b + 0.01));
  }
  RunSettings set = settings();
  set.capital = {"a:USD=100000", "b:USD=1000", "a:BTC-USD=100", "b:BTC-USDT=100"};
  try {
    play(rows, set);
    FAIL() << "USDT was taken for something without being told";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("--rate USDT="));
  }
  set.rates = {"USDT=b:USDT-USD"};
  const RunResult right = play(rows, set);
  EXPECT_EQ(right.orders_total, 0U);
  EXPECT_THAT(note_of(right), HasSubstr("0 were crossed"));
  set.rates = {"USDT=1"};  // who insists that both are one sees a gap of 2 %
  EXPECT_GT(signals_of(play(rows, set), "gap", "seen").size(), 0U);
}

/// Both venues follow one price that jumps; the clock of b is `late` behind.
std::vector<ScriptRow> skewed_market(Nanos late) {
  std::vector<ScriptRow> rows;
  double price = 100.0;
  for (int i = 0; i < 3'000; ++i) {
    if (i % 50 == 49) price *= i % 100 == 49 ? 1.01 : 1.0 / 1.01;
    const Nanos true_time = start + i * 100 * ms, received = true_time + 20 * ms;
    for (const char* venue : {"a", "b"}) {
      const double middle = price + tremble(i);
      ScriptRow row = ticker(venue, "BTC-USD", true_time - (*venue == 'b' ? late : 0), middle - 0.01, middle + 0.01);
      row.received = received;
      rows.push_back(row);
    }
  }
  return rows;
}

TEST(CrossExchangeArbitrage, AClockThatIsASecondLateMakesNoTrades) {
  RunSettings set = settings();
  set.limits = {{"quote_age_max", "10s"}};
  for (const Nanos late : {Nanos{0}, one_second, -one_second}) {
    const RunResult run = play(skewed_market(late), set);
    EXPECT_EQ(run.orders_total, 0U) << late;
    EXPECT_THAT(note_of(run), HasSubstr("0 deals"));
  }
  // The gaps are there, and who does not look at ages trades them.
  set.set = {{"age_max", "1h"}};
  EXPECT_GT(play(skewed_market(one_second), set).orders_total, 0U);
}

TEST(CrossExchangeArbitrage, ALegThatIsNotFilledIsTradedAwayWithinTwoSecondsAtALoss) {
  // b gets dearer by 1 %; a follows and is dearer by 0.3 % after the decision, before the orders arrive.
  auto rows =
      market([](int i) { return i >= opens ? 1.0 : 0.0; }, 20.0, 1.0, [](int i) { return i >= opens + 2 ? 1.3 : 0.0; });
  for (ScriptRow& row : rows) {
    if (row.venue == "a" && row.ts == start + (opens + 2) * 100 * ms) row.ts -= 90 * ms;
  }
  const RunResult run = play(rows, settings());
  const auto repaired = signals_of(run, "deal", "repaired");
  ASSERT_EQ(repaired.size(), 1U);
  EXPECT_EQ(signals_of(run, "deal", "order").size(), 1U);
  EXPECT_LT(repaired[0].value, 0.0);  // a loss, and booked as one
  EXPECT_NEAR(base_held(run), 200.0, 1e-9);
  const auto begun = signals_of(run, "deal", "order");
  ASSERT_FALSE(begun.empty());
  for (const OrderRecord& order : run.orders) {
    if (order.why == "hedge" || order.why == "reverse") {
      EXPECT_EQ(order.why, "reverse");  // buying at a costs more than buying back at b
      EXPECT_LE(order.order.sent - begun[0].ts, 2 * one_second);
    }
  }
}

TEST(CrossExchangeArbitrage, LegsWithoutAnAnswerAreCancelledAfterTwoSeconds) {
  RunSettings set = settings();
  set.order_latency = "3s";
  set.limits = {{"quote_age_max", "10s"}};
  const auto rows = market([](int i) { return i < opens        ? 0.0
                                              : i < opens + 10 ? 1.0
                                                               : 0.3; }, 20.0, 1.0,
                           [](int i) { return i < opens + 10 ? 0.0 : 0.5; });
  const RunResult run = play(rows, set);
  ASSERT_GE(run.orders_total, 2U);
  for (const OrderRecord& order : run.orders) EXPECT_EQ(order.status, "cancelled");  // the gap was gone
  EXPECT_EQ(signals_of(run, "deal", "missed").size(), 1U);
  EXPECT_EQ(run.fills.size(), 0U);
}

TEST(CrossExchangeArbitrage, InventoryComesBackWhenSixtyPercentAreGoneForTheWithdrawalFees) {
  RunSettings set = settings();
  set.set = {{"transfer_time", "10s"}};
  // b stays dear; each second 20 are dealt, so that after three deals b has sold 60 of its 100.
  const RunResult run = play(market([](int i) { return i >= opens && i < opens + 45 ? 1.0 : 0.0; }, 20.0), set);
  const auto moved = signals_of(run, "rebalance", "moved");
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved[0].value, 60.0);
  const auto begun = signals_of(run, "rebalance", "on its way");
  ASSERT_EQ(begun.size(), 1U);
  EXPECT_EQ(signals_of(run, "deal", "order").size(), 3U);
  double taker = 0.0;
  for (const FillRecord& one : run.fills) taker += one.fee;
  EXPECT_NEAR(run.equity.back().fees, taker + 14.0, 1e-6);
  EXPECT_GE(moved[0].ts - begun[0].ts, 9 * one_second);
}

TEST(CrossExchangeArbitrage, OneVenueIsRefused) {
  std::vector<ScriptRow> rows;
  for (int i = 0; i < 10; ++i) rows.push_back(ticker("a", "BTC-USD", start + i * one_second, 99.99, 100.01));
  RunSettings set = settings();
  set.capital = {"a:USD=1000"};
  try {
    play(rows, set);
    FAIL() << "it was played";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("cross_exchange_arbitrage needs two venues"));
  }
}

}  // namespace
}  // namespace millrace::testing
