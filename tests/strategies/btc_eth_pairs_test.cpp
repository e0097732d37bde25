#include <array>
#include <cmath>

#include <gmock/gmock.h>

#include "millrace/base/error.h"
#include "millrace/base/random.h"
#include "tests/strategies/market_script.h"

namespace millrace::testing {
namespace {

using ::testing::HasSubstr;

constexpr Nanos minute = 60 * one_second;
constexpr Nanos start = 1'767'225'600 * one_second;  // 2026-01-01

std::string fee_table(double taker_bps) {
  return "[v]\ndate = \"2026-01-01\"\nsource = \"made\"\ntiers = [{ name = \"only\", maker_bps = 0, taker_bps = " +
         std::to_string(taker_bps) + " }]\n";
}
constexpr const char* steps = R"(venue,symbol,tick_size,lot_size
v,ETH-USD:PERP,0.01,0.0001
v,BTC-USD:PERP,0.01,0.00001
)";

/// The legs once a minute, just before it, with quotes of +-0.5 bps.
struct Pair {
  std::vector<double> eth, btc;  // logarithms
  std::vector<ScriptRow> rows() const {
    std::vector<ScriptRow> made;
    for (std::size_t i = 0; i < eth.size(); ++i) {
      const Nanos ts = start + static_cast<Nanos>(i) * minute;
      const double e = std::exp(eth[i]), b = std::exp(btc[i]);
      made.push_back(ticker("v", "BTC-USD:PERP", ts - 2'000'000, b * 0.99995, b * 1.00005));
      made.push_back(ticker("v", "ETH-USD:PERP", ts - 1'000'000, e * 0.99995, e * 1.00005));
    }
    return made;
  }
};

RunSettings settings(double taker_bps) {
  RunSettings made = settings_of("btc_eth_pairs", fee_table(taker_bps), steps);
  made.legs = {"eth=v:ETH-USD:PERP", "btc=v:BTC-USD:PERP"};
  made.set = {{"step", "60s"}, {"q", "1e-14"}, {"r", "2.5e-5"}, {"half_life_window", "240"}};
  made.limits = {{"quote_age_max", "90s"}};
  return made;
}

/// ETH follows BTC with a spread that forgets half of itself in 30 minutes.
Pair bound_pair(std::uint64_t seed, std::size_t count) {
  Random random(seed);
  Pair made;
  const double phi = std::exp2(-1.0 / 30.0), noise = 0.006 * std::sqrt(1.0 - phi * phi);
  double x = std::log(60'000.0), spread = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    x += 0.0008 * random.gaussian();
    spread = phi * spread + noise * random.gaussian();
    made.btc.push_back(x);
    made.eth.push_back(-5.0 + 1.2 * x + spread);
  }
  return made;
}

Pair free_pair(std::uint64_t seed, std::size_t count) {
  Random random(seed);
  Pair made;
  double x = std::log(60'000.0), y = std::log(3'000.0);
  for (std::size_t i = 0; i < count; ++i) {
    x += 0.0008 * random.gaussian();
    y += 0.0010 * random.gaussian();
    made.btc.push_back(x);
    made.eth.push_back(y);
  }
  return made;
}

double closed(const RunResult& run) {
  double sum = 0.0;
  for (const SignalRecord& one : signals_of(run, "pair", "closed")) sum += one.value;
  return sum;
}

TEST(BtcEthPairs, EarnsOnABoundPairWithBothLegsAndTheirFees) {
  const RunResult run = play(bound_pair(7, 10 * 1440).rows(), settings(2.0));
  const std::size_t pairs = signals_of(run, "pair", "closed").size();
  EXPECT_GT(pairs, 20U);
  EXPECT_EQ(run.trades_total - (run.equity.back().open_positions > 0 ? 2 : 0), 2 * pairs);  // a trip of each leg
  EXPECT_GT(closed(run), 0.0);
  EXPECT_GT(run.equity.back().fees, 0.0);
  double net = 0.0;
  for (const RoundTrip& trip : run.trades) net += trip.is_open ? 0.0 : trip.net();
  EXPECT_NEAR(closed(run), net, 1e-6);
}

TEST(BtcEthPairs, TheHedgeLeavesLessThanFivePercentOpen) {
  const RunResult run = play(bound_pair(8, 10 * 1440).rows(), settings(2.0));
  const auto hedges = signals_of(run, "hedge", "");
  ASSERT_GT(hedges.size(), 20U);
  double most = 0.0;
  for (const SignalRecord& one : hedges) most = std::max(most, one.value);
  EXPECT_LT(most, 0.05);
}

/// The filter of the specification, written once more.
struct Filter {
  double beta = 1.0, alpha = 0.0;
  std::array<std::array<double, 2>, 2> p{{{1.0, 0.0}, {0.0, 1.0}}};
  double z = 0.0, residual_z = 0.0;  // before and after the update
  void update(double y, double x, double q, double r) {
    p[0][0] += q;
    p[1][1] += q;
    const double g0 = p[0][0] * x + p[0][1], g1 = p[1][0] * x + p[1][1], variance = g0 * x + g1 + r;
    const double error = y - beta * x - alpha;
    beta += g0 / variance * error;
    alpha += g1 / variance * error;
    p = {{{p[0][0] - g0 * g0 / variance, p[0][1] - g0 * g1 / variance},
          {p[1][0] - g1 * g0 / variance, p[1][1] - g1 * g1 / variance}}};
    z = error / std::sqrt(variance);
    residual_z = (y - beta * x - alpha) / std::sqrt(variance);
  }
};

TEST(BtcEthPairs, EntersOnTheInnovationFromBeforeTheUpdate) {
  const Pair pair = bound_pair(9, 4 * 1440);
  const RunResult run = play(pair.rows(), settings(2.0));
  std::vector<Filter> after(pair.eth.size());
  Filter filter;
  for (std::size_t i = 0; i < pair.eth.size(); ++i) {
    const auto middle = [](double x) { return std::log(0.5 * (std::exp(x) * 0.99995 + std::exp(x) * 1.00005)); };
    filter.update(middle(pair.eth[i]), middle(pair.btc[i]), 1e-14, 2.5e-5);
    after[i] = filter;
  }
  std::size_t entries = 0;
  for (const SignalRecord& one : run.signals) {
    if (!one.signal.starts_with("entry") || one.effect != "order") continue;
    ++entries;
    // The observation of a minute is known with the first row after the next minute has begun.
    const auto i = static_cast<std::size_t>((one.ts + one_second - start) / minute);
    const double here = std::min(std::abs(one.value - after[i].z), std::abs(one.value - after[i - 1].z));
    EXPECT_LT(here, 1e-5) << i;
    EXPECT_GT(std::abs(one.value - after[i - 1].residual_z), 1e-5);
    EXPECT_GT(std::abs(one.value), 2.0);
  }
  EXPECT_GT(entries, 5U);
}

TEST(BtcEthPairs, EarnsNothingOnTwoRandomWalks) {
  constexpr int seeds = 200;
  double gross = 0.0, squares = 0.0, net = 0.0;
  std::size_t pairs = 0;
  for (int seed = 0; seed < seeds; ++seed) {
    RunSettings set = settings(2.0);
    set.has_edge_test = false;
    const RunResult run = play(free_pair(1'000 + static_cast<std::uint64_t>(seed), 2 * 1440).rows(), set);
    const double one = net_of(run) + run.equity.back().fees;
    gross += one;
    squares += one * one;
    net += net_of(run);
    pairs += signals_of(run, "pair", "closed").size();
  }
  const double mean = gross / seeds, deviation = std::sqrt((squares - gross * mean) / (seeds - 1)),
               error = deviation / std::sqrt(static_cast<double>(seeds));
  EXPECT_GT(pairs, 100U);
  EXPECT_LT(std::abs(mean), 3.0 * error);
  EXPECT_LT(net / seeds, 0.0);
}

TEST(BtcEthPairs, AreRefusedWithoutLegs) {
  RunSettings set = settings(2.0);
  set.legs = {"btc=v:BTC-USD:PERP"};
  try {
    play(bound_pair(1, 10).rows(), set);
    FAIL() << "they were played";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("--leg eth="));
  }
}

}  // namespace
}  // namespace millrace::testing
