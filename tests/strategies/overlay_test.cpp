#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <unistd.h>

#include "millrace/trading/regime_overlay.h"
#include "tests/strategies/made_market.h"

// The overlay over a strategy that is long whenever it may be.

namespace millrace::testing {
namespace {

constexpr Nanos one_minute = 60 * one_second;

class RegimeOverlayRun : public ::testing::Test {
 protected:
  RegimeOverlayRun() {
    std::filesystem::create_directories(folder_);
    std::ofstream(base_) << "title = \"Long\"\n"
                            "[rules]\n"
                            "entry_long = \"time_of_day(ts_event) >= 0 and price > 100.05\"\n"
                            "exit_long = \"price < 50\"\n"
                            "sigma = \"0.001*price/price\"\n";
  }
  ~RegimeOverlayRun() override { std::filesystem::remove_all(folder_); }

  StrategySpec overlay(std::vector<std::pair<std::string, std::string>> set = {}) const {
    set.emplace_back("over", base_);
    return load_strategy("regime_aware", set);
  }
  StrategySpec bare() const { return load_strategy(base_, {}); }

  /// Calm from 100 up to 100.1, and falls at some minutes, each within ten rows.
  static MadeMarket falling(const std::vector<std::pair<int, double>>& falls) {
    MadeMarket market;
    std::mt19937_64 random(4);
    std::normal_distribution<double> noise;
    double level = 100.0;
    for (int i = 0; i < 60 * 120; ++i) {
      for (const auto& [minute, fall] : falls) {
        if (i >= 60 * minute && i < 60 * minute + 10) level -= fall / 10.0;
      }
      market.tick(made_start + i * one_second, level + 1e-4 * std::clamp(i - 600, 0, 1'000) + 0.002 * noise(random));
    }
    return market;
  }

  static std::vector<FillRecord> sold(const RunResult& result) {
    std::vector<FillRecord> found;
    for (const FillRecord& one : result.fills) {
      if (one.why == "defensive") found.push_back(one);
    }
    return found;
  }

 private:
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("millrace-overlay-" + std::to_string(::getpid()));
  std::string base_ = (folder_ / "long.toml").string();
};

TEST_F(RegimeOverlayRun, ExposureFallsToAQuarterWithinOneDecisionOfAnAlarm) {
  const MadeMarket market = falling({{40, 0.2}});
  const StrategySpec strategy = overlay({{"defensive_stop_sd", "100"}, {"defensive_time", "20s"}, {"step_time", "1s"}});
  const RunResult result = play(market, {.strategy = strategy});
  const std::vector<FillRecord> sales = sold(result);
  ASSERT_EQ(sales.size(), 1U);
  ASSERT_EQ(result.fills.size(), 2U);
  EXPECT_NEAR(sales[0].size, 0.75 * result.fills[0].size, 1e-6);
  const auto order = std::find_if(result.orders.begin(), result.orders.end(),
                                  [](const OrderRecord& one) { return one.why == "defensive"; });
  ASSERT_NE(order, result.orders.end());
  // The fall begins at minute 40; CUSUM needs a few rows of it, and the order leaves on the row of the alarm.
  EXPECT_GE(order->decided, made_start + 40 * one_minute);
  EXPECT_LE(order->decided, made_start + 40 * one_minute + 5 * one_second);
  EXPECT_EQ(order->order.sent, order->decided);
}

TEST_F(RegimeOverlayRun, TheStopIsTightenedWhileDefensive) {
  const RunResult result = play(falling({{40, 1.0}}), {.strategy = overlay({{"defensive_stop_sd", "2"}})});
  ASSERT_EQ(result.trades.size(), 1U);
  EXPECT_EQ(result.trades[0].exit_why, "stop");
  const RunResult without = play(falling({{40, 1.0}}), {.strategy = bare()});
  ASSERT_EQ(without.trades.size(), 1U);
  EXPECT_EQ(without.trades[0].exit_why, "end of run");
}

TEST_F(RegimeOverlayRun, IsReportedAgainstTheSameStrategyWithoutIt) {
  const MadeMarket market = falling({{40, 2.0}, {80, 2.0}});
  const RunResult with =
      play(market, {.strategy = overlay({{"defensive_stop_sd", "100"}}), .taker_bps = 1.0, .has_scenarios = true});
  const RunResult without = play(market, {.strategy = bare(), .taker_bps = 1.0});
  const auto scenario = std::find_if(with.scenarios.begin(), with.scenarios.end(),
                                     [](const Scenario& one) { return one.name == "without regime_aware"; });
  ASSERT_NE(scenario, with.scenarios.end());
  EXPECT_DOUBLE_EQ(scenario->net_pnl, net_of(without));
  EXPECT_DOUBLE_EQ(scenario->fees, without.equity.back().fees);
  EXPECT_GT(scenario->max_drawdown, 0.0);
  double peak = 0.0, drawdown = 0.0;
  for (const EquityPoint& one : with.equity) {
    peak = std::max(peak, one.equity);
    drawdown = std::max(drawdown, 1.0 - one.equity / peak);
  }
  EXPECT_LT(drawdown, 0.5 * scenario->max_drawdown);
}

TEST(RegimeOverlay, ComesBackInThreeStepsAndAnyAlarmStartsItAnew) {
  const RegimeOverlay::Params params;
  RegimeOverlay overlay;
  EXPECT_EQ(overlay.risk_share(params, 0), 1.0);
  overlay.alarm(params, 0);
  EXPECT_TRUE(overlay.is_defensive(30 * one_minute - 1));
  EXPECT_EQ(overlay.risk_share(params, 30 * one_minute - 1), 0.25);
  EXPECT_FALSE(overlay.is_defensive(30 * one_minute));
  EXPECT_EQ(overlay.risk_share(params, 30 * one_minute), 0.5);
  EXPECT_EQ(overlay.risk_share(params, 40 * one_minute), 0.75);
  EXPECT_EQ(overlay.risk_share(params, 50 * one_minute), 1.0);
  overlay.alarm(params, 45 * one_minute);  // alarms re-arm, several a day
  EXPECT_EQ(overlay.risk_share(params, 50 * one_minute), 0.25);
  overlay.alarm(params, 60 * one_minute);  // and one while defensive prolongs it
  EXPECT_TRUE(overlay.is_defensive(89 * one_minute));
}

TEST_F(RegimeOverlayRun, APositionTakenWhileDefensiveIsAlreadySmall) {
  // A rise is an alarm too; the entry comes after it, and a later alarm leaves the small position as it is.
  const MadeMarket market = falling({{12, -0.03}, {40, 0.02}});
  const StrategySpec strategy = overlay({{"defensive_stop_sd", "100"}, {"defensive_time", "2h"}});
  const RunResult small = play(market, {.strategy = strategy}), full = play(market, {.strategy = bare()});
  ASSERT_EQ(small.fills.size(), 1U);
  ASSERT_EQ(full.fills.size(), 1U);
  EXPECT_NEAR(small.fills[0].size, 0.25 * full.fills[0].size, 1e-6);
}

}  // namespace
}  // namespace millrace::testing
