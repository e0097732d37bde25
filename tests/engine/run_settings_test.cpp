#include "millrace/engine/run_settings.h"

#include <gtest/gtest.h>

#include "millrace/base/error.h"
#include "millrace/engine/fee_file.h"
#include "millrace/engine/price_bars.h"
#include "millrace/engine/sweep.h"

namespace millrace {
namespace {

template <class Work>
std::string complaint_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

void expect_complaint(const std::string& was, const std::string& part) {
  EXPECT_NE(was.find(part), std::string::npos) << was;
}

TEST(RunFile, SaysTheSameWhenReadAgain) {
  RunSettings settings{.inputs = {"a b.parquet", "c\"\\\x7f\n.csv"},
                       .strategy = "mine.toml",
                       .set = {{"entry_z", "2.5"}, {"a.b", ""}},
                       .fees = "shipped",
                       .tiers = {"binance=vip1"},
                       .capital = {"coinbase:USD=50000"},
                       .asset = "USD",
                       .rates = {"USDT=1"},
                       .seed = INT64_MAX,
                       .has_edge_test = false,
                       .has_scenarios = false,
                       .gap_limit = "5s",
                       .closes_at_gap = true,
                       .grid = {"k=1..4"},
                       .walk_forward = "train=2d,test=1d",
                       .files = {{"mine.toml", "title = \"x\"\r\n# \xC3\xA4\x01"}}};
  const std::string text = to_toml(settings);
  const RunSettings again = parse_run_file(text, "run.toml");
  EXPECT_EQ(to_toml(again), text);
  EXPECT_EQ(again.inputs, settings.inputs);
  EXPECT_EQ(again.set, settings.set);
  EXPECT_EQ(again.files, settings.files);
  EXPECT_EQ(again.seed, settings.seed);
  EXPECT_FALSE(again.has_edge_test || again.has_scenarios);
  EXPECT_TRUE(again.closes_at_gap);
  EXPECT_EQ(again.grid, settings.grid);
}

TEST(RunFile, WhatIsWrongIsToldWithItsPlace) {
  const auto read = [](const std::string& text) { return complaint_of([&] { parse_run_file(text, "run.toml"); }); };
  expect_complaint(read("in = \"x\""), "run.toml:1:1: key `in`: expected a list of texts, was a text");
  expect_complaint(read("in = [1]"), "key `in`: expected a text, was a whole number");
  expect_complaint(read("set = 3"), "key `set`: expected a table of texts, was a whole number");
  expect_complaint(read("\nsed = 3"),
                   "run.toml:2:1: key `sed`: expected a key of run.toml, was `sed` (did you mean `se");
  expect_complaint(read("seed = -1"), "key `seed`: expected a whole number from 0 to 9223372036854775807, was -1");
  expect_complaint(read("seed = \"1\""), "key `seed`: expected a whole number");
  expect_complaint(read("edge_test = 1"), "key `edge_test`: expected true or false, was a whole number");
  expect_complaint(read("[set]\na = 1"), "run.toml:2:1: key `a`: expected a text, was a whole number");
}

TEST(Settings, LeverageBeyondTheLimitsIsRefused) {
  const auto made = [](std::vector<std::pair<std::string, std::string>> set,
                       std::vector<std::pair<std::string, std::string>> limits) {
    return complaint_of([&] {
      RunSettings settings{.strategy = "mean_reversion", .set = set, .fees = "shipped", .limits = limits};
      make_options(settings);
    });
  };
  EXPECT_EQ(made({}, {}), "none");
  expect_complaint(made({{"cap", "0.5"}}, {}), "parameter `cap`: expected at most the limit name_max of 0.25");
  EXPECT_EQ(made({{"cap", "0.5"}}, {{"name_max", "0.5"}}), "none");
  expect_complaint(made({{"cap", "2"}}, {{"name_max", "2"}}), "the limit gross_max of 1 of the equity, was 2");
  expect_complaint(made({}, {{"breaker_window", "1s"}}),
                   "--limit breaker_window: expected a length of time that divides");
  expect_complaint(made({}, {{"quote_age_max", "0s"}}), "--limit quote_age_max: expected a length of time");
}

TEST(Grid, AxesAreReadFromTexts) {
  using Values = std::vector<std::string>;
  EXPECT_EQ(parse_axis("k=1..4").values, (Values{"1", "2", "3", "4"}));
  EXPECT_EQ(parse_axis("k=0..0.3:0.1").values, (Values{"0", "0.1", "0.2", "0.3"}));
  EXPECT_EQ(parse_axis("k=-1..1").values, (Values{"-1", "0", "1"}));
  EXPECT_EQ(parse_axis("k=1..1.9").values, (Values{"1"}));
  EXPECT_EQ(parse_axis("over=a, b").values, (Values{"a", "b"}));
  for (const char* wrong : {"", "k", "=1", "k=", "k=1,,2", "k=1,1", "k=2..1", "k=1..2:0", "k=a..b", "k=nan..1",
                            "k=1..inf", "k=1..2:1e-9"}) {
    expect_complaint(complaint_of([&] { parse_axis(wrong); }), "--grid: ");
  }
}

TEST(Grid, SpansOfAWalkForwardAreReadFromATextAndDoNotMeet) {
  const WalkForward walk = parse_walk_forward("train=2d, test=12h, purge=1h, embargo=2.5%");
  EXPECT_EQ(walk.train, 48 * 3600 * one_second);
  EXPECT_EQ(walk.test, 12 * 3600 * one_second);
  EXPECT_EQ(walk.purge, 3600 * one_second);
  EXPECT_DOUBLE_EQ(walk.embargo, 0.025);
  for (const char* wrong :
       {"", "train=1d", "test=1d", "train=1d,test=0s", "train=1d,test=1d,embargo=-1%", "train=1d,test=1d,embargo=x",
        "train=1d,test=1d,purge=1d", "train=10m,test=1m", "trian=1d"}) {
    expect_complaint(complaint_of([&] { parse_walk_forward(wrong); }), "--walk-forward: ");
  }
}

TEST(FeeFile, WhatIsWrongIsToldWithItsPlace) {
  const auto read = [](const std::string& text) { return complaint_of([&] { parse_fees(text, "fees.toml"); }); };
  const std::string tiers = "tiers = [{ name = \"a\", maker_bps = -1, taker_bps = 4 }]\n";
  EXPECT_EQ(read("[x]\ndate = \"2024-01-01\"\n" + tiers), "none");
  expect_complaint(read(""), "fees.toml:1:1: expected a table for each venue, was none");
  expect_complaint(read("x = 3"), "key `x`: expected a table of fees, was a whole number");
  expect_complaint(read("[x]\n" + tiers), "key `x`: expected the `date` it was true, was \"\"");
  expect_complaint(read("[x]\ndate = \"2024-01-01\"\n"), "expected `tiers` with at least one, was none");
  expect_complaint(read("[x]\ndate = \"2024-01-01\"\ntier = \"b\"\n" + tiers), "expected a tier of x (a), was `b`");
  expect_complaint(read("[x]\ndat = \"2024-01-01\"\n" + tiers), "was `dat` (did you mean `date`?)");
  expect_complaint(read("[x]\ntiers = [{ name = \"a\", maker_bps = 1 }]"), "expected `taker_bps`, was none");
  expect_complaint(read("[x]\ntiers = [{ name = \"a\", maker_bps = nan, taker_bps = 1 }]"),
                   "from -1000 to 1000, was nan");
  expect_complaint(read("[x]\nborrow_apr = -1\n"), "key `borrow_apr`: expected a number from 0");
}

TEST(FeeFile, AnotherTierIsChosenByName) {
  FeeTable table = load_fees("shipped");
  set_fee_tier(table, "binance=vip9");
  EXPECT_EQ(table.find("binance")->applied().name, "vip9");
  expect_complaint(complaint_of([&] { set_fee_tier(table, "binance=vip99"); }), "--tier: expected a tier of binance");
  expect_complaint(complaint_of([&] { set_fee_tier(table, "nowhere=vip9"); }),
                   "--tier: expected one of the table's venues");
}

TEST(PriceBars, GrowLongerAndLoseNothing) {
  PriceBars bars;
  const std::size_t seconds = 3 * RunResult::most_chart_bars;
  for (std::size_t i = 0; i < seconds; ++i) {
    bars.add(static_cast<Nanos>(i) * one_second, i == 1234 ? 1000.0 : 100.0 + static_cast<double>(i % 7), 1.0);
  }
  bars.add(0, no_value, 1.0);  // no price, no bar
  const std::vector<PriceBar> made = bars.take();
  ASSERT_LE(made.size(), RunResult::most_chart_bars);
  ASSERT_EQ(made.size(), seconds / 4);
  double volume = 0.0, high = 0.0;
  for (std::size_t i = 0; i < made.size(); ++i) {
    EXPECT_EQ(made[i].start, static_cast<Nanos>(4 * i) * one_second);
    volume += made[i].volume;
    high = std::max(high, made[i].high);
    EXPECT_LE(made[i].low, std::min(made[i].open, made[i].close));
  }
  EXPECT_EQ(volume, static_cast<double>(seconds));
  EXPECT_EQ(high, 1000.0);
  EXPECT_EQ(made.front().open, 100.0);
}

}  // namespace
}  // namespace millrace
