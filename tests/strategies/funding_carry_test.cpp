#include <cmath>
#include <functional>

#include <gmock/gmock.h>

#include "millrace/base/error.h"
#include "tests/strategies/market_script.h"

namespace millrace::testing {
namespace {

using ::testing::HasSubstr;

constexpr Nanos minute = 60 * one_second, hour = 60 * minute;
constexpr Nanos start = 1'767'225'600 * one_second;  // 2026-01-01 00:00

constexpr const char* fees = R"(
[s]
date = "2026-01-01"
source = "made"
tiers = [{ name = "only", maker_bps = 1, taker_bps = 4 }]
[d]
date = "2026-01-01"
source = "made"
tiers = [{ name = "only", maker_bps = 1, taker_bps = 2 }]
)";
constexpr const char* steps = R"(venue,symbol,tick_size,lot_size,max_leverage,maintenance_share
s,BTC-USD,0.01,0.0001,,
d,BTC-USD:PERP,0.01,0.001,20,0.005
d,BTC-USD:20260201,0.01,0.001,20,0.005
)";

RunSettings settings(const std::string& derivative = "BTC-USD:PERP") {
  RunSettings made = settings_of("funding_carry", fees, steps);
  made.legs = {"spot=s:BTC-USD", "perp=d:" + derivative};
  made.capital = {"s:USD=60000", "d:USD=40000"};
  made.limits = {{"quote_age_max", "20m"}, {"breaker_window", "30m"}};
  return made;
}

/// What a made market is like at `hours` since the start.
struct Course {
  std::function<double(double)> price = [](double) { return 50'000.0; };
  std::function<double(double)> basis = [](double) { return 0.0; };       // a share of the price
  std::function<double(double)> funding = [](double) { return 0.0003; };  // paid at the next stamp
  std::string derivative = "BTC-USD:PERP";
};

/// Both legs each 10 minutes with quotes of +-0.5 bps; the rate of the next stamp an hour before it.
std::vector<ScriptRow> market(const Course& course, int days) {
  std::vector<ScriptRow> rows;
  for (int i = 0; i < days * 144; ++i) {
    const Nanos ts = start + i * 10 * minute;
    const double hours = static_cast<double>(i) / 6.0, tremble = 1.0 + 1e-4 * (i % 3 - 1);
    const double spot = course.price(hours) * tremble, perp = spot * (1.0 + course.basis(hours));
    rows.push_back(ticker("s", "BTC-USD", ts, spot * 0.99995, spot * 1.00005));
    rows.push_back(ticker("d", course.derivative, ts + 1'000'000, perp * 0.99995, perp * 1.00005));
    if (i % 48 != 42) continue;
    ScriptRow told{.venue = "d", .symbol = course.derivative, .ts = ts + 2'000'000, .kind = Kind::funding};
    told.funding_rate = course.funding(hours + 1.0);
    told.interval_s = 28'800.0;
    told.next_funding = start + (i / 48 + 1) * 8 * hour;
    rows.push_back(told);
  }
  return rows;
}

double amount_of(const RunResult& run, std::string_view effect) {
  double sum = 0.0;
  for (const SignalRecord& one : signals_of(run, "funding", effect)) sum += one.value;
  return sum;
}

std::vector<std::string> exits_of(const RunResult& run) {
  std::vector<std::string> reasons;
  for (const SignalRecord& one : signals_of(run, "exit", "")) reasons.push_back(one.effect);
  return reasons;
}

TEST(FundingCarry, PositiveFundingIsIncomeOfTheShortAndBookedAtStampsOnly) {
  const RunResult run = play(market({}, 20), settings());
  const auto received = signals_of(run, "funding", "received");
  ASSERT_GE(received.size(), 55U);
  for (const SignalRecord& one : received) {
    EXPECT_NEAR(one.value, 0.0003 * 0.5 * 50'000.0, 0.02);  // a leg of 25 % of 100,000 is 0.5
  }
  EXPECT_NEAR(run.equity.back().funding, amount_of(run, "received"), 1e-6);
  double before = 0.0;
  for (const EquityPoint& point : run.equity) {  // it moves at stamps and at no other time
    if (point.funding != before) {
      EXPECT_LE((point.ts - start) % (8 * hour), 10 * minute);
    }
    before = point.funding;
  }
  EXPECT_TRUE(exits_of(run).empty());
  EXPECT_GT(net_of(run), 0.9 * run.equity.back().funding - run.equity.back().fees - 10.0);
  EXPECT_GT(net_of(run), 0.0);
}

TEST(FundingCarry, BuysSpotAndSellsTheSameBaseOfTheDerivative) {
  const RunResult run = play(market({}, 6), settings());
  ASSERT_EQ(run.fills.size(), 2U);
  EXPECT_EQ(run.fills[0].size, run.fills[1].size);
  EXPECT_NE(run.fills[0].fill.side, run.fills[1].fill.side);
  const auto entries = signals_of(run, "entry", "order");
  ASSERT_EQ(entries.size(), 1U);
  // 0.03 % three times a day for 30 days, less 2 * (4 + 2) bps of fees, 1 bps of spreads on the way out, 2 of slippage
  // and 1 of buying the ask and selling the bid.
  EXPECT_NEAR(entries[0].expected_cost_bps, 12.0 + 1.0 + 2.0, 1e-6);
  EXPECT_NEAR(entries[0].value, (270.0 - 15.0 - 1.0) * 365.0 / 30.0, 0.5);
  const auto margin = signals_of(run, "margin", "at entry");
  ASSERT_EQ(margin.size(), 1U);
  EXPECT_GT(margin[0].value, 0.30);
}

TEST(FundingCarry, ASmallWalletKeepsLeverageAndLiquidationAway) {
  RunSettings set = settings();
  set.capital = {"s:USD=60000", "d:USD=3000"};
  const RunResult run = play(market({}, 6), set);
  const auto margin = signals_of(run, "margin", "at entry");
  ASSERT_EQ(margin.size(), 1U);
  EXPECT_GT(margin[0].value, 0.30);
  EXPECT_LT(margin[0].value, 0.40);
  for (const FillRecord& fill : run.fills) EXPECT_LE(fill.notional, 3.0 * 3'000.0);
}

TEST(FundingCarry, SmallFundingDoesNotPayForFourTrades) {
  const RunResult run = play(market({.funding = [](double) { return 0.00001; }}, 6), settings());
  EXPECT_EQ(run.orders_total, 0U);
}

TEST(FundingCarry, ANegativeMonthLosesMoneyAndIsLeftAfterThreeStamps) {
  // Ten good days, then a month of it.
  const auto funding = [](double hours) { return hours <= 240.0 ? 0.0003 : -0.0006; };
  RunSettings set = settings();
  set.set = {{"hold", "4000d"}, {"slippage_bps", "0"}};  // so that the edge is about funding alone
  const RunResult run = play(market({.funding = funding}, 40), set);
  EXPECT_GT(amount_of(run, "received"), 0.0);
  EXPECT_LT(amount_of(run, "paid"), 0.0);
  ASSERT_FALSE(exits_of(run).empty());

  set.set = {{"hold", "30d"}, {"negative_stamps_max", "1000"}};
  set.has_edge_test = false;
  const RunResult all_bad =
      play(market({.funding = [](double hours) { return hours <= 48.0 ? 0.0003 : -0.0006; }}, 30), set);
  EXPECT_LT(net_of(all_bad), 0.0);
}

TEST(FundingCarry, LeavesAtTheThirdStampInARowWithNegativeExpectedFunding) {
  // The edge alone would not end it: a basis of 2 % is still to be earned.
  const auto funding = [](double hours) { return hours <= 120.0 ? 0.0003 : -0.0002; };
  RunSettings set = settings();
  set.set = {{"funding_memory", "8h"}, {"hold", "1d"}};
  const RunResult run = play(market({.basis = [](double) { return 0.02; }, .funding = funding}, 12), set);
  ASSERT_FALSE(exits_of(run).empty());
  ASSERT_EQ(exits_of(run).front(), "funding_negative");
  const Nanos left = signals_of(run, "exit", "").front().ts;
  // -0.0002 outweighs 0.0003 after one more payment: expected at stamps 16 (> 0), 17, 18 and 19 (< 0).
  EXPECT_NEAR(static_cast<double>(left - start) / static_cast<double>(8 * hour), 18.0, 1.01);
}

TEST(FundingCarry, AWideningBasisEndsIt) {
  const auto basis = [](double hours) {
    return hours < 200.0 ? 0.0005 * std::sin(hours) : 0.0005 * std::sin(hours) + 0.006;
  };
  const RunResult run = play(market({.basis = basis}, 12), settings());
  ASSERT_FALSE(exits_of(run).empty());
  EXPECT_EQ(exits_of(run).front(), "basis_wide");
  EXPECT_NEAR(static_cast<double>(signals_of(run, "exit", "").front().ts - start) / static_cast<double>(hour), 200.0,
              1.1);
}

TEST(FundingCarry, ARiseThatEatsTheMarginEndsItBeforeTheVenueDoes) {
  RunSettings set = settings();
  set.capital = {"s:USD=60000", "d:USD=9000"};
  const auto price = [](double hours) {
    return 50'000.0 * (hours < 100.0 ? 1.0 : std::min(1.6, 1.0 + 0.002 * (hours - 100.0)));
  };
  const RunResult run = play(market({.price = price}, 25), set);
  ASSERT_FALSE(exits_of(run).empty());
  EXPECT_EQ(exits_of(run).front(), "margin");
  for (const FillRecord& fill : run.fills) EXPECT_FALSE(fill.fill.is_liquidation);
}

TEST(FundingCarry, DeltaStaysWithinTwoPercent) {
  const auto price = [](double hours) { return 50'000.0 * (1.0 + 0.05 * std::sin(hours / 20.0)); };
  const RunResult run = play(market({.price = price}, 15), settings());
  ASSERT_EQ(signals_of(run, "delta", "at entry").size(), 1U);
  EXPECT_LT(std::abs(signals_of(run, "delta", "at entry")[0].value), 0.02);
  for (const EquityPoint& point : run.equity) {
    if (point.open_positions == 2) {
      EXPECT_LT(std::abs(point.net_exposure), 0.02 * 0.5 * point.gross_exposure);
    }
  }
}

TEST(FundingCarry, ADatedFutureIsHeldUntilItsExpiry) {
  const auto basis = [](double hours) { return 0.02 * std::max(0.0, 1.0 - hours / 744.0); };
  Course course{.basis = basis, .funding = [](double) { return 0.0; }, .derivative = "BTC-USD:20260201"};
  auto rows = market(course, 33);
  std::erase_if(rows, [](const ScriptRow& row) {
    return row.kind == Kind::funding || (row.venue == "d" && row.ts > 1'769'904'000 * one_second + 12 * hour);
  });
  const RunResult run = play(rows, settings(course.derivative));
  ASSERT_EQ(exits_of(run).size(), 1U);
  EXPECT_EQ(exits_of(run).front(), "expiry");
  EXPECT_EQ(run.equity.back().open_positions, 0U);
  EXPECT_EQ(run.equity.back().funding, 0.0);
  EXPECT_GT(net_of(run), 0.9 * 0.02 * 25'000.0 - 60.0);  // the basis, less fees
}

TEST(FundingCarry, RefusesWhatItCannotTrade) {
  RunSettings set = settings();
  set.legs = {"spot=s:BTC-USD"};
  try {
    play(market({}, 1), set);
    FAIL() << "it was played";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("--leg perp="));
  }
  std::vector<ScriptRow> spot;
  for (const ScriptRow& row : market({}, 1)) {
    if (row.venue == "s") spot.push_back(row);
  }
  set = settings();
  set.capital = {"s:USD=60000"};
  try {
    play(spot, set);
    FAIL() << "it was played";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("funding_carry needs a perpetual or a dated future"));
  }
}

}  // namespace
}  // namespace millrace::testing
