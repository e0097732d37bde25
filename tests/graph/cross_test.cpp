#include <gtest/gtest.h>

#include "millrace/base/error.h"
#include "millrace/engine/leg_text.h"
#include "tests/graph/cross_rows.h"

namespace millrace::testing {
namespace {

// The last one appears late; the first is a leg and, like each of them, the instrument of its own rows.
const std::vector<std::string> market{"one:BTC-USDT", "two:BTC-USD",         "one:USD-USDT",
                                      "one:ETH-USDT", "three:BTC-USDT:PERP", "three:BTC-USDT:20231229",
                                      "one:SOL-USDT"};

FeatureSet cross_12() {
  FeatureSet set = load_profile("cross-12");
  for (const char* leg :
       {"a=one:BTC-USDT", "b=two:BTC-USD", "rate=one:USD-USDT", "btc=one:BTC-USDT", "eth=one:ETH-USDT",
        "perp=three:BTC-USDT:PERP", "fut=three:BTC-USDT:20231229", "spot=one:BTC-USDT"}) {
    set_leg(set, leg);
  }
  set.venues = {{"one", 10.0, 1.0}, {"three", 5.0, 0.5}};
  return set;
}

FeatureSet set_of(const std::string& text) {
  return parse_feature_text("[legs]\nb = \"v:B-Q\"\nc = \"w:B-Q\"\n" + text, "my.toml");
}

/// Features over instruments a, b, c of which b and c are legs.
CrossRun hand_run(const std::string& text) { return {set_of(text), {"v:A-Q", "v:B-Q", "w:B-Q"}}; }

void expect_equal(const Plan& plan, const Bits& expected, const Bits& was) {
  ASSERT_EQ(expected.size(), was.size());
  for (std::size_t row = 0; row < expected.size(); ++row) {
    for (std::size_t f = 0; f < expected[row].size(); ++f) {
      ASSERT_EQ(expected[row][f], was[row].at(f)) << plan.features[f].name << ", row " << row;
    }
  }
}

void expect_values(const std::vector<double>& expected, const std::vector<double>& was) {
  ASSERT_EQ(expected.size(), was.size());
  for (std::size_t row = 0; row < expected.size(); ++row) {
    if (std::isnan(expected[row])) {
      EXPECT_TRUE(std::isnan(was[row])) << "row " << row << ": " << was[row];
    } else {
      EXPECT_NEAR(expected[row], was[row], 1e-12) << "row " << row;
    }
  }
}

constexpr double null = std::numeric_limits<double>::quiet_NaN();

class CrossLaws : public ::testing::TestWithParam<Nanos> {
 protected:
  /// Several hours, in which the last instrument appears half way.
  Chunk rows(std::size_t count) const {
    Chunk chunk = random_market(count, static_cast<std::uint32_t>(market.size()), 7, GetParam());
    for (std::size_t i = 0; i < count / 2; ++i) {
      if (chunk.instrument[i] == market.size() - 1) chunk.instrument[i] = 0;
    }
    return chunk;
  }
};
INSTANTIATE_TEST_SUITE_P(Pace, CrossLaws, ::testing::Values(1, 25));

TEST_P(CrossLaws, EveryFeatureHasValuesAndChunksDoNotShow) {
  const Chunk rows = this->rows(9000);
  const CrossPlan plan = CrossRun(cross_12(), market).plan();
  const Bits whole = CrossRun(cross_12(), market).play(rows, rows.rows());
  for (std::size_t f = 0; f < plan.all->features.size(); ++f) {
    std::size_t given = 0;
    for (const auto& row : whole) given += std::isnan(std::bit_cast<double>(row[f])) ? 0 : 1;
    EXPECT_TRUE(given > 0 || GetParam() == 1) << plan.all->features[f].name;
  }
  for (const std::size_t chunk : {1UL, 2UL, 7UL, 100UL}) {
    SCOPED_TRACE(chunk);
    expect_equal(*plan.all, whole, CrossRun(cross_12(), market).play(rows, chunk));
  }
}

TEST_P(CrossLaws, SavedAndLoadedAfterEveryRowItGoesOnAsBefore) {
  const Chunk rows = this->rows(250);
  CrossRun run(cross_12(), market), restarted(cross_12(), market);
  Bits bits(rows.rows());
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    restarted.play(rows, row, row + 1, 1, bits);
    restarted.restart();
  }
  expect_equal(*run.plan().all, run.play(rows, rows.rows()), bits);
}

TEST_P(CrossLaws, SavedAndLoadedOnceWarmItGoesOnAsBefore) {
  const Chunk rows = this->rows(9000);
  CrossRun run(cross_12(), market), restarted(cross_12(), market);
  Bits bits(rows.rows());
  for (std::size_t row = 0; row < rows.rows(); row += 1000) {
    restarted.play(rows, row, row + 1000, 300, bits);
    restarted.restart();
  }
  expect_equal(*run.plan().all, run.play(rows, rows.rows()), bits);
}

TEST_P(CrossLaws, AnotherFutureLeavesThePastAsItWas) {
  const Chunk rows = this->rows(9000);
  CrossRun run(cross_12(), market);
  Bits whole = run.play(rows, 512);
  for (const std::size_t count : {1UL, 700UL, 4501UL, 8000UL}) {
    const Bits part = CrossRun(cross_12(), market).play(rows_of(rows, 0, count), count);
    expect_equal(*run.plan().all, Bits(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(count)), part);
  }
}

// The stream that it takes over from the template has seen what the legs did before.
TEST_P(CrossLaws, AnInstrumentThatAppearsLateIsLikeAConfiguredLeg) {
  const Chunk rows = this->rows(9000);
  const std::string features =
      "tolerance = \"2s\"\n[legs]\nbtc = \"one:BTC-USDT\"\nsol = \"one:SOL-USDT\"\n[features]\n"
      "ratio = \"X.price/asof(btc.price, tolerance=5s)\"\n"
      "beta = \"fx_beta(log_returns(grid(X.price, every=1s)), log_returns(grid(btc.price, every=1s)), window=20)\"\n"
      "corr = \"hayashi_yoshida_corr(log_returns(X.price), log_returns(btc.price), window=60s)\"\n"
      "lead = \"xcorr_leadlag(X.price, btc.price, grid=1s, max_lag=3, window=30, min_sig=0).max_corr\"\n"
      "gap = \"X.price - btc.price\"\n";
  const auto with = [&](const std::string& leg) {
    std::string text = features;
    for (std::size_t at; (at = text.find('X')) != std::string::npos;) text.replace(at, 1, leg);
    return CrossRun(parse_feature_text(text, "my.toml"), market).play(rows, 1000);
  };
  const Bits own = with("x"), fixed = with("sol");
  std::size_t compared = 0;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (rows.instrument[row] != market.size() - 1) continue;
    EXPECT_EQ(own[row], fixed[row]) << "row " << row;
    compared += std::isnan(std::bit_cast<double>(own[row][2])) ? 0 : 1;
  }
  EXPECT_GT(compared, 10U);
}

TEST(CrossGraph, ALegThatIsTheRowsInstrumentIsPerfectlyCorrelatedWithItself) {
  CrossRun run(parse_feature_text("[legs]\nbtc = \"one:BTC-USDT\"\n[features]\ncorr = \"hayashi_yoshida_corr("
                                  "log_returns(x.price), log_returns(btc.price), window=expanding)\"\n"
                                  "gap = \"x.price - btc.price\"\n",
                                  "my.toml"),
               market);
  const Chunk rows = random_market(2000, 3, 3, 1);
  const std::vector<double> corr = run.values(rows, "corr");
  std::size_t given = 0;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (rows.instrument[row] != 0 || std::isnan(corr[row])) continue;
    EXPECT_NEAR(corr[row], 1.0, 1e-12);
    ++given;
  }
  EXPECT_GT(given, 100U);
}

TEST(CrossGraph, AsofTakesTheNewestValueAtOrBeforeTheRowWithinTheTolerance) {
  CrossRun run = hand_run("[features]\nv = \"x.price - asof(b.price, tolerance=1s)\"\n");
  // A row before the leg; at the same time, before it in the log; 1 s later; 1.5 s later; a late row, older than b's.
  const Chunk rows = hand_rows({{0, 1, 10}, {1, 2, 3}, {0, 2, 11}, {0, 3, 12}, {0, 3.5, 13}, {1, 4, 5}, {0, 2.5, 14}});
  expect_values({null, 0, 8, 9, null, 0, 11}, run.values(rows, "v"));
}

TEST(CrossGraph, ASetsToleranceHoldsWhereACallSaysNothing) {
  CrossRun run = hand_run("[features]\nv = \"x.price - b.price\"\nown = \"c.price\"\n");
  CrossRun strict(parse_feature_text(
                      "tolerance = \"1s\"\n[legs]\nb = \"v:B-Q\"\n[features]\nv = \"x.price - b.price\"\n", "my.toml"),
                  {"v:A-Q", "v:B-Q"});
  const Chunk rows = hand_rows({{1, 1, 3}, {0, 2, 10}, {0, 2.5, 12}});
  expect_values({0, 7, 9}, run.values(rows, "v"));
  expect_values({0, 7, null}, strict.values(rows, "v"));
}

TEST(CrossGraph, AGridTakesTheLastValuesAtEachMultipleOnceAllLegsPassIt) {
  CrossRun run = hand_run(
      "[features]\nsum = \"rolling_sum(grid(b.price, every=1s) - grid(c.price, every=1s), window=1)\"\n"
      "v = \"grid(b.price, every=1s)\"\n");
  // Multiples count from the later first row on; two are passed at once. Rows of c move b's column and do not show it.
  const Chunk rows =
      hand_rows({{1, 0.5, 3}, {2, 1.5, 1}, {1, 1.8, 4}, {2, 2, 2}, {1, 2.5, 9}, {2, 4.5, 1}, {1, 4.6, 1}});
  expect_values({null, null, null, null, 2, null, 7}, run.values(rows, "sum"));
}

TEST(CrossGraph, AnExpiryIsTheDayOfTheSymbolAndNullForOthers) {
  CrossRun run(parse_feature_text("[legs]\nfut = \"three:BTC-USDT:20231229\"\nspot = \"one:BTC-USDT\"\n[features]\n"
                                  "apr = \"basis_annualized(fut.price, spot.price, expiry=fut.expiry)\"\n"
                                  "none = \"basis_annualized(fut.price, spot.price, expiry=spot.expiry)\"\n"
                                  "days = \"(expiry - ts_event)/8.64e13\"\n"
                                  "x_days = \"(x.expiry - x.ts_event)/8.64e13 + 0*asof(spot.price, tolerance=1h)\"\n",
                                  "my.toml"),
               market);
  const Chunk rows = hand_rows({{0, 0, 50'000}, {5, 0, 51'000}});
  // From 2023-11-14 22:13:20 to 2023-12-29 08:00.
  const double days = 44.0 + (9.0 + 46.0 / 60.0 + 40.0 / 3600.0) / 24.0;
  expect_values({null, std::log1p(0.02) * 365.0 / days}, run.values(rows, "apr"));
  expect_values({null, null}, run.values(rows, "none"));
  expect_values({null, days}, run.values(rows, "days"));
  expect_values({null, days}, run.values(rows, "x_days"));
}

}  // namespace
}  // namespace millrace::testing
