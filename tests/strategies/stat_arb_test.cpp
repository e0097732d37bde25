#include <algorithm>
#include <cmath>
#include <set>

#include <gmock/gmock.h>

#include "millrace/strategies/factor_model.h"
#include "tests/strategies/made_market.h"

// The factor model by its definition, and the basket on markets whose residuals return to their mean, or do not.

namespace millrace::testing {
namespace {

using ::testing::HasSubstr;

constexpr Nanos one_minute = 60 * one_second, midnight = 1'700'006'400 / 86'400 * 86'400 * one_second;
constexpr std::size_t names = 12;

class Noise {
 public:
  explicit Noise(std::uint64_t seed) : random_(seed) {}
  double operator()() { return normal_(random_); }

 private:
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
};

/// Three factors and a residual each, a row of each name a minute. `pull` of the residual a minute; 0: it walks.
MadeMarket basket(std::uint64_t seed, int days, double pull, std::size_t count = names) {
  MadeMarket market;
  market.symbols.clear();
  for (std::size_t i = 0; i < count; ++i)
    market.symbols.push_back(std::string(1, static_cast<char>('A' + i)) + "-USD:PERP");
  Noise noise(seed);
  std::vector<std::array<double, 3>> loadings(count);
  for (std::size_t i = 0; i < count; ++i) loadings[i] = {1.0 + 0.2 * noise(), 0.5 * noise(), 0.5 * noise()};
  std::array<double, 3> factors{};
  std::vector<double> residuals(count);
  for (int minute = 0; minute < days * 1'440; ++minute) {
    for (std::size_t k = 0; k < 3; ++k) factors[k] += (k == 0 ? 6e-4 : 3e-4) * noise();
    for (std::size_t i = 0; i < count; ++i) {
      residuals[i] += -pull * residuals[i] + 4e-4 * noise();
      double x = residuals[i];
      for (std::size_t k = 0; k < 3; ++k) x += loadings[i][k] * factors[k];
      market.trade(midnight + minute * one_minute, 100.0 * std::exp(x), 1.0, Side::unknown,
                   static_cast<InstrumentId>(i));
    }
  }
  return market;
}

StrategySpec strategy(const std::vector<std::pair<std::string, std::string>>& set = {}) {
  return load_strategy("stat_arb_basket", set);
}

TEST(FactorModel, HedgedPortfoliosHaveNoFactorInThem) {
  Noise noise(3);
  Eigen::MatrixXd returns(800, 12);
  for (Eigen::Index bar = 0; bar < returns.rows(); ++bar) {
    const double common = 1e-3 * noise();
    for (Eigen::Index m = 0; m < returns.cols(); ++m) {
      returns(bar, m) = common * (1.0 + 0.1 * static_cast<double>(m)) + 3e-4 * noise();
    }
  }
  returns(5, 3) = no_value;  // a missing bar
  const auto model = fit_factors(returns, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 3);
  ASSERT_TRUE(model);
  EXPECT_NEAR((model->vectors.transpose() * model->vectors - Eigen::MatrixXd::Identity(3, 3)).norm(), 0.0, 1e-12);
  for (Eigen::Index m = 0; m < 12; ++m) {
    EXPECT_LT(model->exposure(model->hedged(m)), 1e-12) << m;
    // Its return is the member's residual, but for the means.
    const Eigen::VectorXd bar = returns.row(7).transpose();
    EXPECT_NEAR(model->hedged(m).dot(bar - model->mean), model->residual(bar)(m), 1e-15);
  }
  EXPECT_GT(model->exposure(Eigen::VectorXd::Ones(12)), 0.9) << "all names alike are the market";
  EXPECT_FALSE(fit_factors(returns.leftCols(3), {0, 1, 2}, 3));
}

TEST(FactorModel, WhatCannotBeTradedIsHedgedByTheOthers) {
  Noise noise(4);
  Eigen::MatrixXd returns(800, 12);
  for (Eigen::Index bar = 0; bar < returns.rows(); ++bar) {
    const double common = 1e-3 * noise();
    for (Eigen::Index m = 0; m < returns.cols(); ++m) returns(bar, m) = common + 3e-4 * noise();
  }
  const auto model = fit_factors(returns, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 3);
  ASSERT_TRUE(model);
  Eigen::VectorXd money = 1e4 * model->hedged(2);
  money(7) = 0.0;  // blocked
  std::vector<bool> is_free(12, true);
  is_free[2] = is_free[7] = false;
  EXPECT_GT(model->exposure(money), 0.0);
  const Eigen::VectorXd around = model->neutral(money, is_free);
  EXPECT_LT(model->exposure(around), 1e-12);
  EXPECT_EQ(around(2), money(2));
  EXPECT_EQ(around(7), 0.0);
  EXPECT_EQ(model->neutral(money, std::vector<bool>(12, false)), money);
}

TEST(FactorModel, TheOrnsteinUhlenbeckFitFindsWhatTheSeriesWasMadeWith) {
  Noise noise(5);
  std::vector<double> path{0.0};
  for (int i = 0; i < 20'000; ++i) path.push_back(0.3 + 0.9 * (path.back() - 0.3) + 0.01 * noise());
  path.push_back(0.3 + 0.05);
  const auto ou = fit_ou(path);
  ASSERT_TRUE(ou);
  EXPECT_NEAR(ou->half_life, std::log(0.5) / std::log(0.9), 0.5);
  EXPECT_NEAR(ou->deviation, 0.01 / std::sqrt(1.0 - 0.81), 0.001);
  EXPECT_NEAR(ou->s, 0.05 / ou->deviation, 0.1);
  std::vector<double> line;
  for (int i = 0; i < 60; ++i) line.push_back(0.1 * i);
  EXPECT_FALSE(fit_ou(line)) << "a line has no mean to return to";
}

TEST(StatArbBasket, EarnsWhereResidualsReturnAndNotWhereTheyWalk) {
  std::vector<double> returning, walking, net;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    returning.push_back(before_costs(play(basket(seed, 6, 0.02), {.strategy = strategy()})));
    const RunResult walk =
        play(basket(seed + 100, 6, 0.0), {.strategy = strategy(), .taker_bps = 2.0, .has_edge_test = false});
    walking.push_back(before_costs(walk));
    net.push_back(net_of(walk));
  }
  RecordProperty("t_returning", std::to_string(t_value(returning)));
  RecordProperty("t_walking", std::to_string(t_value(walking)));
  RecordProperty("t_walking_net", std::to_string(t_value(net)));
  EXPECT_GT(t_value(returning), 4.0);
  EXPECT_LT(std::abs(t_value(walking)), 2.8);
  EXPECT_LT(t_value(net), -4.0);
}

TEST(StatArbBasket, FactorExposureStaysBelowFivePercentOfTheGross) {
  const RunResult result = play(basket(2, 6, 0.02), {.strategy = strategy()});
  std::vector<double> exposures;
  for (const SignalRecord& one : result.signals) {
    if (one.signal == "factor_exposure") exposures.push_back(one.value);
  }
  ASSERT_GT(exposures.size(), 300U);
  std::sort(exposures.begin(), exposures.end());
  RecordProperty("median", std::to_string(exposures[exposures.size() / 2]));
  RecordProperty("largest", std::to_string(exposures.back()));
  EXPECT_LT(exposures[exposures.size() * 99 / 100], 0.05);
}

TEST(StatArbBasket, HistoryAccumulatesAcrossBatches) {
  const MadeMarket market = basket(4, 3, 0.02);
  const RunResult whole = play(market, {.strategy = strategy()});
  ASSERT_GT(whole.fills_total, 50U);
  for (const std::size_t chunk_rows : {7UL, 1'000UL}) {
    const RunResult parts = play(market, {.strategy = strategy(), .chunk_rows = chunk_rows});
    ASSERT_EQ(parts.fills.size(), whole.fills.size());
    for (std::size_t i = 0; i < whole.fills.size(); ++i) {
      ASSERT_EQ(parts.fills[i].ts_venue, whole.fills[i].ts_venue);
      ASSERT_EQ(parts.fills[i].fill.size, whole.fills[i].fill.size);
    }
  }
}

TEST(StatArbBasket, FactorsAreNotFittedOnTheTradedSpan) {
  const MadeMarket market = basket(6, 4, 0.02);
  MadeMarket other = market;  // another future from noon of the third day
  const Nanos noon = midnight + 2 * one_day + one_day / 2;
  for (MarketRow& row : other.rows) {
    if (row.ts_event < noon) continue;
    const double change = 1.0 + 0.01 * std::sin(static_cast<double>(row.ts_event % 977) + row.instrument);
    row.price *= change;
    row.bid *= change;
    row.ask *= change;
  }
  const RunResult one = play(market, {.strategy = strategy()}), two = play(other, {.strategy = strategy()});
  const auto before_noon = [&](const RunResult& result) {
    std::vector<std::tuple<Nanos, InstrumentId, Lots>> orders;
    for (const OrderRecord& order : result.orders) {
      if (order.decided < noon) orders.emplace_back(order.order.sent, order.order.instrument, order.order.size);
    }
    std::sort(orders.begin(), orders.end());
    return orders;
  };
  EXPECT_GT(before_noon(one).size(), 50U);
  EXPECT_EQ(before_noon(one), before_noon(two));
  for (const OrderRecord& order : one.orders) EXPECT_GE(order.decided, midnight + one_day) << "no model before";
}

TEST(StatArbBasket, AnInstrumentJoinsAfterAHundredCommonBars) {
  MadeMarket market = basket(8, 4, 0.02);
  // The last name appears 99 bars before the second midnight: too few, so it joins at the third.
  const Nanos first = midnight + 2 * one_day - 99 * 5 * one_minute;
  std::erase_if(market.rows, [&](const MarketRow& row) { return row.instrument == names - 1 && row.ts_event < first; });
  const RunResult result = play(market, {.strategy = strategy()});
  Nanos earliest = INT64_MAX;
  for (const OrderRecord& order : result.orders) {
    if (order.order.instrument == names - 1) earliest = std::min(earliest, order.order.sent);
  }
  EXPECT_GE(earliest, midnight + 3 * one_day);
  EXPECT_LT(earliest, INT64_MAX);
}

TEST(StatArbBasket, IsRefusedWithFewerThanTenInstruments) {
  try {
    play(basket(1, 1, 0.02, 9), {.strategy = strategy()});
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("stat_arb_basket needs 10 instruments or more: the first rows have 9"));
  }
}

}  // namespace
}  // namespace millrace::testing
