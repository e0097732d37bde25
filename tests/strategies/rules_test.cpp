#include <filesystem>
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/strategies/made_market.h"

// What the rule strategies must show, on series whose nature is known.

namespace millrace::testing {
namespace {

using ::testing::HasSubstr;

class Noise {
 public:
  explicit Noise(std::uint64_t seed) : random_(seed) {}
  double operator()() { return normal_(random_); }

 private:
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
};

/// A row a second whose log price is pulled back with `pull`; 0 is a random walk.
MadeMarket walk(std::uint64_t seed, std::size_t count, double pull, double sd) {
  MadeMarket market;
  Noise noise(seed);
  double x = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    x += -pull * x + sd * noise();
    market.tick(made_start + static_cast<Nanos>(i) * one_second, 100.0 * std::exp(x));
  }
  return market;
}

TEST(MeanReversion, EarnsOnAnOrnsteinUhlenbeckSeries) {
  const StrategySpec strategy = load_strategy("mean_reversion", {});
  std::vector<double> gross;
  std::uint64_t trips = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const RunResult result = play(walk(seed, 20'000, 0.03, 2e-4), {.strategy = strategy});
    gross.push_back(before_costs(result));
    trips += result.trades_total;
  }
  RecordProperty("t_value", std::to_string(t_value(gross)));
  EXPECT_GT(trips, 100U);
  EXPECT_GT(t_value(gross), 4.0);
}

TEST(MeanReversion, EarnsNothingOnARandomWalkAndLosesItsCosts) {
  const StrategySpec strategy = load_strategy("mean_reversion", {});
  std::vector<double> gross, net;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const RunResult result = play(walk(seed, 12'000, 0.0, 2e-4), {.strategy = strategy, .taker_bps = 2.0});
    gross.push_back(before_costs(result));
    net.push_back(net_of(result));
  }
  RecordProperty("t_value_before_costs", std::to_string(t_value(gross)));
  RecordProperty("t_value_after_costs", std::to_string(t_value(net)));
  EXPECT_LT(std::abs(t_value(gross)), 2.6);
  EXPECT_LT(t_value(net), -2.6);
}

TEST(MeanReversion, HoldsFromEntryToExit) {
  const RunResult result = play(walk(3, 20'000, 0.03, 2e-4), {.strategy = load_strategy("mean_reversion", {})});
  ASSERT_GT(result.trades.size(), 10U);
  Nanos held = 0;
  for (const RoundTrip& trip : result.trades) {
    held += trip.left - trip.entered;
    EXPECT_THAT(trip.entry_why, HasSubstr("entry_"));
    const std::set<std::string> exits{"reverted", "rsi_back", "adverse_alarm", "stop", "time_stop", "end of run"};
    EXPECT_TRUE(exits.contains(trip.exit_why)) << trip.exit_why;
  }
  EXPECT_GT(held / static_cast<Nanos>(result.trades.size()), 5 * one_second);  // rows are a second apart
}

/// A calm, wavy market in which a fall below two standard deviations is bought, and then a crash.
MadeMarket with_crash() {
  MadeMarket market = walk(5, 1'000, 0.05, 1e-4);
  Noise noise(6);
  double price = market.rows.back().price;
  for (int i = 0; i < 400; ++i) {
    const Nanos ts = market.rows.back().ts_event + one_second;
    if (i >= 8 && i < 20) price *= 1.0 - 4e-4;    // a dip that ends
    if (i >= 40 && i < 60) price *= 1.0 - 60e-4;  // the crash
    market.tick(ts, price * std::exp(1e-5 * noise()));
  }
  return market;
}

TEST(MeanReversion, ACrashClosesALong) {
  // Without a stop, a time stop or a way back, only the alarm can close it.
  const StrategySpec strategy =
      load_strategy("mean_reversion", {{"stop_sd", "100"}, {"time_stop", "7d"}, {"quiet_rows", "1"}});
  const RunResult result = play(with_crash(), {.strategy = strategy, .has_edge_test = false});
  const auto alarmed = std::find_if(result.trades.begin(), result.trades.end(),
                                    [](const RoundTrip& trip) { return trip.exit_why == "adverse_alarm"; });
  ASSERT_NE(alarmed, result.trades.end());
  EXPECT_TRUE(alarmed->is_long);
}

/// Log returns with drift and memory, a row each 5 s; bars hold twelve.
MadeMarket trending(std::uint64_t seed, std::size_t count) {
  MadeMarket market;
  Noise noise(seed);
  double x = 0.0, speed = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    speed = 0.995 * speed + 2e-6 * noise();
    x += 2e-6 + speed + 2e-5 * noise();
    market.tick(made_start + static_cast<Nanos>(i) * 5 * one_second, 100.0 * std::exp(x));
  }
  return market;
}

TEST(TrendFollowing, EarnsWhereReturnsHaveDriftAndMemory) {
  const StrategySpec strategy = load_strategy("trend_following", {});
  std::vector<double> gross;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    gross.push_back(before_costs(play(trending(seed, 20'000), {.strategy = strategy})));
  }
  RecordProperty("t_value", std::to_string(t_value(gross)));
  EXPECT_GT(t_value(gross), 4.0);
}

TEST(TrendFollowing, DecidesOnFinishedBarsOnly) {
  const RunResult result = play(trending(3, 20'000), {.strategy = load_strategy("trend_following", {})});
  std::size_t decisions = 0;
  for (const OrderRecord& order : result.orders) {
    if (order.why == "trailing_stop") continue;  // a stop is a price, and works on every row
    ++decisions;
    EXPECT_EQ(order.decided % (60 * one_second), 0) << order.why;  // the row that begins the next bar
  }
  EXPECT_GT(decisions, 20U);
}

TEST(TrendFollowing, AReversalCostsNoMoreThanTheTrailingStop) {
  MadeMarket market;  // flat for two hours, rises by 1 each minute with a range of 0.5, then falls within a bar
  const int rise = 12 * 200;
  Nanos ts = made_start;
  double price = 1000.0;
  for (int i = 0; i < 12 * 120; ++i, ts += 5 * one_second) market.tick(ts, price + (i % 2 == 0 ? 0.25 : -0.25));
  for (int i = 0; i < rise; ++i, ts += 5 * one_second) {
    price += 1.0 / 12.0;
    market.tick(ts, price + (i % 2 == 0 ? 0.25 : -0.25));
  }
  for (int i = 0; i < 12; ++i, ts += 5 * one_second) market.tick(ts, price -= 1.0);
  const RunResult result = play(market, {.strategy = load_strategy("trend_following", {})});
  const auto stopped = std::find_if(result.trades.begin(), result.trades.end(),
                                    [](const RoundTrip& trip) { return trip.exit_why == "trailing_stop"; });
  ASSERT_NE(stopped, result.trades.end());
  // True ranges are 0.5 while it is flat and less than 1.75 while it rises; closes lie within 0.25 of the line.
  const double top = 1000.0 + rise / 12.0 + 0.25;
  EXPECT_GT(stopped->exit_price, top - 3.0 * 1.75 - 1.0 - 0.01);  // 1: the next row's price is what the market pays
  EXPECT_LT(stopped->exit_price, top - 3.0 * 0.5);                // it was not left before
}

/// Two quiet hours with trades each second, then a rise for five minutes; `surge` multiplies sizes and moves of that.
MadeMarket breakout(double quiet_size, double surge) {
  MadeMarket market;
  market.half_spread = 0.005;
  Noise noise(9);
  double x = 0.0;
  for (int i = 0; i < 7'200 + 300; ++i) {
    const bool is_late = i >= 7'200;
    x += -0.01 * x * (is_late ? 0.0 : 1.0) + 2e-5 * noise() + (is_late ? 5e-5 : 0.0) +
         (i % 3 == 0 && is_late ? 6e-5 * noise() : 0.0);
    const Nanos ts = made_start + static_cast<Nanos>(i) * one_second;
    market.quote(ts, 100.0 * std::exp(x));
    market.trade(ts, 100.0 * std::exp(x), is_late ? quiet_size * surge : quiet_size, Side::buy);
  }
  return market;
}

std::size_t entries(const RunResult& result) {
  return static_cast<std::size_t>(std::count_if(result.signals.begin(), result.signals.end(), [](const auto& one) {
    return one.signal == "entry_long" && one.effect == "order";
  }));
}

TEST(VolatilityBreakout, NeedsASurgeOfVolumeAgainstItsOwnHour) {
  const StrategySpec strategy = load_strategy("volatility_breakout", {});
  const RunResult surging = play(breakout(1.0, 5.0), {.strategy = strategy});
  EXPECT_GE(entries(surging), 1U);
  for (const SignalRecord& one : surging.signals) EXPECT_GE(one.ts, made_start + 7'200 * one_second);
  EXPECT_EQ(entries(play(breakout(1.0, 1.0), {.strategy = strategy})), 0U);
  EXPECT_EQ(entries(play(breakout(1000.0, 1.2), {.strategy = strategy})), 0U);  // much, but not more than usual
}

TEST(VolatilityBreakout, IsRefusedOnATickerOnlyFeed) {
  MadeMarket market;
  for (int i = 0; i < 100; ++i) market.tick(made_start + i * one_second, 100.0, 2.0);
  try {
    play(market, {.strategy = load_strategy("volatility_breakout", {})});
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::input);
    EXPECT_THAT(error.what(), HasSubstr("volatility_breakout needs trades with sizes: no row of the first 100"));
  }
}

TEST(MeanReversion, IsRefusedWithoutQuotes) {
  MadeMarket market;
  for (int i = 0; i < 100; ++i) market.trade(made_start + i * one_second, 100.0, 2.0);
  EXPECT_THROW(play(market, {.strategy = load_strategy("mean_reversion", {})}), Error);
}

}  // namespace
}  // namespace millrace::testing
