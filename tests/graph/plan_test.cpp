#include "millrace/graph/plan.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "millrace/base/error.h"
#include "millrace/graph/complaints.h"
#include "millrace/kernels/registry.h"

namespace millrace {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::shared_ptr<const Plan> plan_of(std::vector<std::string> expressions, std::vector<Definition> lets = {}) {
  FeatureSet set{.name = "test", .lets = std::move(lets)};
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    set.features.push_back({.name = "f" + std::to_string(i), .expression = std::move(expressions[i])});
  }
  return make_plan(set);
}

std::string error_of(const FeatureSet& set) {
  try {
    make_plan(set);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::config);
    return error.what();
  }
  return "no error";
}

std::string error_of(const std::string& expression) {
  return error_of(FeatureSet{.name = "test", .features = {{"x", expression}}});
}

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
}

// ---- Errors -------------------------------------------------------------------------------------------------------

struct Wrong {
  std::string expression;
  std::size_t column;
  std::string message;
};

TEST(Plan, SaysWhatIsWrongAndPointsAtIt) {
  const std::vector<Wrong> cases{
      {"price +", 8, "expected a value, was the end"},
      {"1 + prise", 5, "unknown name `prise` (did you mean `price`?)"},
      {"2*ewna(price)", 3, "unknown kernel `ewna` (did you mean `ewma`?)"},
      {"sqr(price)", 1, "unknown kernel `sqr` (did you mean `sqrt`?)"},
      {"ts_event*2", 9, "`*` works on numbers, was given a time (subtract another, or see time_of_day)"},
      {"ema(ts_event)", 5, "ema: x must be a number, was a time (subtract another, or see time_of_day)"},
      {"dedupe_trades(price)", 15, "dedupe_trades: trade_id must be an identifier, was a number"},
      {"dedupe_trades(ts_event)", 1, "dedupe_trades: price goes with a time in place of trade_id, and only then"},
      {"dedupe_trades(ts_event, price, size)", 1, "dedupe_trades: side goes with a time in place of trade_id"},
      {"dedupe_trades(trade_id, price, size, side)", 1, "dedupe_trades: price goes with a time in place of trade_id"},
      {"dedupe_trades(trade_id, mode=drop)", 1, "dedupe_trades: mode=drop removes rows, and a feature is a value on"},
      {"clock_skew_align(ts_event, price)", 28, "clock_skew_align: ts_recv must be a time, was a number"},
      {"perp_fair_price(price, price, next_funding_ns)", 1, "perp_fair_price: parameter `interval` is required"},
      {"trade_intensity(price)", 17, "trade_intensity: ts_event must be a time, was a number"},
      {"closes(price)", 8, "closes takes a bar, such as tick_bars(price, ticks=100)"},
      {"day_of_week(price)", 13, "day_of_week takes ts_event"},
      {"ema(price, on=bar)", 1, "ema: on=bar, but none of its inputs is a bar"},
      {"tick_bars(price)", 1, "tick_bars: parameter `ticks` is required"},
      {"tick_bars(price, ticks=2, nan_policy=reset)", 1, "tick_bars: nan_policy=reset does not go with bars"},
      {"seq + 1", 1, "`seq` is no quantity; expected a column of numbers"},
      {"price.high", 6, "only a kernel's result has parts; `.high` does not apply here"},
      {"ewma(price).mean", 12, "ewma has no output `mean`; it has ewma"},
      {"price and bid < ask", 7, "`and` joins conditions; expected a comparison on both sides"},
      {"not price", 1, "`not` joins conditions; expected a comparison on both sides"},
      {"sqrt(price, bid)", 1, "sqrt takes 1 value, was given 2"},
      {"max(price)", 1, "max takes 2 values, was given 1"},
      {"sqrt(price, k=1)", 1, "sqrt takes 1 value, was given 1 and parameters"},
      {"time_of_day(price)", 13, "time_of_day takes ts_event"},
      {"midprice(bid)", 1, "midprice takes 2 inputs (bid, ask), was given 1"},
      {"midprice(bid, ask, price)", 1, "midprice takes 2 inputs (bid, ask), was given 3"},
      {"ewma(price, on=sometimes)", 13, "on must be any, trade, quote, funding or bar, was `sometimes`"},
      {"ewma(price, on=any, on=trade)", 21, "ewma: parameter `on` is given twice"},
      {"ewma(price, lamda=0.9)", 13, "ewma: unknown parameter `lamda` (did you mean `lambda`?); it takes "},
      {"ewma(price, alpha=0.1, span=3)", 24, "ewma: expected one of alpha, lambda, half_life, span, com, tau, were "},
      {"ewma(price, alpha=2)", 13, "ewma: alpha must give a weight above 0 and at most 1, was `2`"},
      {"ewma(price, half_life=0s)", 13, "ewma: half_life must give a weight above 0 and at most 1 (or be a duration"},
      {"ewma(price, adjust=maybe)", 13, "ewma: adjust must be true or false, was `maybe`"},
      {"ewma(price, tau=1s, adjust=true)", 1, "ewma: adjust belongs to the row form, not to a duration"},
      {"ewma(price, adjust=true, adjust=true)", 26, "ewma: parameter `adjust` is given twice"},
      {"rolling_zscore(price, window=0)", 23, "rolling_zscore: window must be a number of rows from "},
      {"rolling_zscore(price, window=ten)", 23, "rolling_zscore: window must be "},
      {"rolling_zscore(price, window=10s, buckets=0)", 35, "rolling_zscore: buckets must be 1 to 10000, was `0`"},
      {"rolling_zscore(price, window=10s, buckets=7)", 23, "does not divide into 7 whole-nanosecond buckets"},
      {"rolling_zscore(price, window=10, window_ms=5)", 34, "expected one of window and window_ms, were both"},
      {"rolling_zscore(price, window=10, min_periods=11)", 34, "min_periods must be 0 to 10, was `11`"},
  };
  for (const auto& [expression, column, message] : cases) {
    const std::string error = error_of(expression);
    EXPECT_THAT(error, StartsWith("line 1, column " + std::to_string(column) + ": `x`: ")) << expression;
    EXPECT_THAT(error, HasSubstr(message)) << expression;
    EXPECT_THAT(error, HasSubstr("\n  " + expression + "\n  " + std::string(column - 1, ' ') + "^"));
  }
}

TEST(Plan, PointsIntoTheFileAndTheLineOfALongText) {
  const FeatureSet set{.name = "test",
                       .file = "my.toml",
                       .features = {{.name = "x", .expression = "prise", .line = 3, .column = 17},
                                    {.name = "y", .expression = "price +\n  prise", .line = 5, .column = 1}}};
  const std::string error = error_of(set);
  EXPECT_THAT(error, HasSubstr("my.toml:3:17: `x`: unknown name `prise`"));
  EXPECT_THAT(error, HasSubstr("my.toml:6:3: `y`: unknown name `prise` (did you mean `price`?)\n    prise\n    ^"));
}

TEST(Plan, ShowsTheSurroundingsOfAPlaceInALongLine) {
  std::string sum = "prise0";
  for (int i = 1; i < 60; ++i) sum += " + price*1000000";
  const std::string error = error_of(sum + " + prise1");
  EXPECT_THAT(error, HasSubstr("line 1, column 1: "));
  EXPECT_THAT(error, HasSubstr("\n  prise0 + "));
  EXPECT_THAT(error, HasSubstr("+ prise1\n"));
  EXPECT_LT(error.size(), 700U);
  const std::string last = error.substr(error.rfind('\n') + 1);
  const std::string shown = error.substr(error.rfind("\n  …") + 1);
  EXPECT_EQ(shown.substr(last.find('^') + 2, 6), "prise1");  // `…` takes three bytes and one column
}

TEST(Plan, SaysAllThatIsWrongAtOnce) {
  const FeatureSet set{.name = "test",
                       .lets = {{"unused", "bit + 1"}},
                       .features = {{"a", "prise + aks"}, {"a", "price"}, {"bid", "price"}, {"b", "ewma(size, k=1)"}}};
  const std::string error = error_of(set);
  for (const char* part : {"`prise`", "`aks`", "`a` is defined twice", "`bid` is the name of a source column",
                           "unknown parameter `k`", "unknown name `bit`"}) {
    EXPECT_THAT(error, HasSubstr(part));
  }
  EXPECT_EQ(lines_of(error), 18U);
}

TEST(Plan, StopsAtItsLimitOfComplaints) {
  std::string call = "max(a";
  for (int i = 0; i < 20'000; ++i) call += ",a";
  EXPECT_THAT(error_of(call + ")"), HasSubstr("max takes 2 values, was given 20001"));
  std::string unknown = "nokernel(zz";
  for (int i = 0; i < 20'000; ++i) unknown += ",zz";
  const std::string error = error_of(unknown + ")");
  EXPECT_THAT(error, HasSubstr("and perhaps more"));
  EXPECT_EQ(lines_of(error), 3 * Complaints::limit + 1);
}

TEST(Plan, CyclesAreNamed) {
  const FeatureSet set{.name = "test", .features = {{"a", "b + 1"}, {"b", "c"}, {"c", "-a"}}};
  EXPECT_THAT(error_of(set), HasSubstr("`a` depends on itself: a -> b -> c -> a"));
  EXPECT_THAT(error_of("x + 1"), HasSubstr("`x` depends on itself: x -> x"));
}

TEST(Plan, LongChainsOfNamesAreRefused) {
  FeatureSet set{.name = "test"};
  const std::size_t count = most_definitions - 1;
  for (std::size_t i = 0; i < count; ++i) {
    set.features.push_back({"f" + std::to_string(i), "f" + std::to_string(i + 1)});
  }
  set.features.push_back({"f" + std::to_string(count), "price"});
  EXPECT_THAT(error_of(set), HasSubstr("stands on more than 500 levels of names and operators"));
  std::reverse(set.features.begin(), set.features.end());  // now each name is known when it is met
  EXPECT_EQ(make_plan(set)->features.size(), most_definitions);
}

TEST(Plan, EmptyAndImmenseSetsAreRefused) {
  EXPECT_THAT(error_of(FeatureSet{.name = "none"}), HasSubstr("none: expected at least one feature"));
  FeatureSet set{.name = "many", .features = {most_definitions + 1, Definition{"a", "price"}}};
  EXPECT_THAT(error_of(set), HasSubstr("many: expected at most 10000 definitions"));
}

TEST(Plan, AKernelThatLooksAheadIsRefused) {
  KernelInfo ahead = *find_kernel("midprice");
  ahead.is_offline = true;
  const KernelLookup lookup = [&](std::string_view name) { return name == "midprice" ? &ahead : find_kernel(name); };
  const FeatureSet set{.name = "test", .features = {{"x", "1 + midprice(bid, ask)"}}};
  try {
    make_plan(set, lookup, {"midprice"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("line 1, column 5: `x`: midprice looks ahead: it needs rows"));
  }
  EXPECT_NO_THROW(make_plan(set));
}

// ---- Nodes --------------------------------------------------------------------------------------------------------

TEST(Plan, EqualSubexpressionsAreOneNode) {
  const auto plan = plan_of({"ewma(price, lambda=0.94)", " ewma( price,lambda = 0.94 ) + 1", "let + 1"},
                            {{"let", "ewma(price)"}});  // lambda=0.94 is the default
  EXPECT_EQ(plan->nodes.size(), 4U);                    // price, ewma, 1, the sum
  EXPECT_EQ(plan->features[1].value, plan->features[2].value);
}

TEST(Plan, OutputsOfOneKernelShareItsNode) {
  const auto plan = plan_of({"macd(price).macd", "macd(price).macd_signal", "macd(price).macd_hist", "macd(price)"});
  EXPECT_EQ(plan->nodes.size(), 2U);
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_EQ(plan->features[i].value, (ValueRef{1, i}));
  EXPECT_EQ(plan->features[3].value, (ValueRef{1, 0}));
}

TEST(Plan, ArgumentsThatMeanTheSameAreOneNode) {
  EXPECT_EQ(plan_of({"rolling_zscore(price, window=60s)", "rolling_zscore(price, window=1m)",
                     "rolling_zscore(price, window_ms=60000)", "rolling_zscore(price, window=60s, buckets=60)"})
                ->nodes.size(),
            2U);
  EXPECT_EQ(plan_of({"ema(price, alpha=0.5)", "ema(price, span=3)", "ema(price, com=1)"})->nodes.size(), 2U);
}

TEST(Plan, WhatDiffersIsTwoNodes) {
  EXPECT_EQ(plan_of({"ewma(price)", "ewma(price, on=any)"})->nodes.size(), 3U);
  EXPECT_EQ(plan_of({"bid - ask", "ask - bid"})->nodes.size(), 4U);
  EXPECT_EQ(plan_of({"price*0.1", "price*0.10000000000000002"})->nodes.size(), 5U);
}

TEST(Plan, InputsComeBeforeWhatReadsThem) {
  const auto plan = plan_of({"ewma(price/f1) + sqrt(f1)", "midprice(bid, ask)"});
  for (std::size_t i = 0; i < plan->nodes.size(); ++i) {
    for (const ValueRef& input : plan->nodes[i].inputs) EXPECT_LT(input.node, i);
  }
}

TEST(Plan, ConstantsAreComputedOnce) {
  const auto plan = plan_of({"price*(2*3^2 - 1)/sqrt(4)"});
  std::vector<double> constants;
  for (const Node& node : plan->nodes) {
    if (node.type == Node::Type::constant) constants.push_back(node.constant);
  }
  EXPECT_THAT(constants, testing::IsSupersetOf({17.0, 2.0}));
  EXPECT_EQ(plan->columns, ColumnSet{Column::price});
}

TEST(Plan, ANodeIsObservedWhereItsInputsAre) {
  const auto observed = [](const std::string& expression) {
    const auto plan = plan_of({expression});
    return plan->nodes[plan->features[0].value.node].observed;
  };
  EXPECT_EQ(observed("price"), Rows::of(trade_kinds));
  EXPECT_EQ(observed("bid + ask"), Rows::of(quote_kinds));
  EXPECT_EQ(observed("price - bid"), Rows::of(trade_kinds));
  EXPECT_EQ(observed("bid/vol_24h"), every_row);
  EXPECT_EQ(observed("ewma(bid, on=trade)"), Rows::of(trade_kinds));
  EXPECT_EQ(observed("ewma(price, on=any)"), every_row);
  EXPECT_EQ(observed("1 < 2"), every_row);
  EXPECT_EQ(observed("tick_bars(price, ticks=2).close"), Rows::of_event(0));
  EXPECT_EQ(observed("ema(tick_bars(price, ticks=2).close + 1)"), Rows::of_event(0));
  EXPECT_EQ(observed("price - tick_bars(price, ticks=2).close"), Rows::of(trade_kinds));
  EXPECT_EQ(observed("ema(price - tick_bars(price, ticks=2).close, on=bar)"), Rows::of_event(0));
  EXPECT_EQ(observed("ema(tick_bars(price, ticks=2).close - tick_bars(price, ticks=3).close)"),
            Rows::of_event(0) | Rows::of_event(1));
  EXPECT_EQ(observed("ts_event - next_funding_ns"), every_row);
  EXPECT_EQ(observed("trade_intensity(ts_event)"), Rows::of(only(Kind::trade)));
}

TEST(Plan, UnitAndWarmupAreTheKernelsUnlessGiven) {
  const FeatureSet set{.name = "test",
                       .features = {{"a", "ewma(price)"}, {.name = "b", .expression = "ewma(price)", .unit = "px"}}};
  const auto plan = make_plan(set);
  EXPECT_EQ(plan->features[0].unit, find_kernel("ewma")->doc.unit);
  EXPECT_EQ(plan->features[0].warmup, find_kernel("ewma")->doc.warmup);
  EXPECT_EQ(plan->features[1].unit, "px");
}

// ---- Fingerprint --------------------------------------------------------------------------------------------------

TEST(Plan, FingerprintsDifferWhereTheBitsMay) {
  const auto hash = [](std::vector<std::string> expressions) { return plan_of(std::move(expressions))->fingerprint; };
  const std::vector<std::uint64_t> different{
      hash({"ewma(price)"}),
      hash({"ewma(bid)"}),
      hash({"ewma(price, lambda=0.95)"}),
      hash({"ewma(price, half_life=10s)"}),
      hash({"ewma(price, half_life=11s)"}),
      hash({"ewma(price, on=any)"}),
      hash({"ewma(price, on=trade) + 0"}),
      hash({"ewma(price, adjust=true)"}),
      hash({"ema(price)"}),
      hash({"-ewma(price)"}),
      hash({"ewma(price)", "price"}),
      hash({"price", "ewma(price)"}),
      hash({"ewma(price)", "ewma(price)"}),
      hash({"macd(price).macd"}),
      hash({"macd(price).macd_hist"}),
      hash({"rolling_zscore(price, window=60s)"}),
      hash({"rolling_zscore(price, window=60s, buckets=30)"}),
      hash({"rolling_zscore(price, window=60)"}),
      hash({"rolling_zscore(price, window=60, min_periods=5)"}),
      hash({"price < 1"}),
      hash({"price <= 1"}),
      hash({"price < 1.0000000000000002"}),
  };
  for (std::size_t i = 0; i < different.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(different[i], different[j]) << i << " " << j;
  }
}

TEST(Plan, FingerprintsOfAnotherKernelVersionDiffer) {
  KernelInfo newer = *find_kernel("ewma");
  ++newer.version;
  const KernelLookup lookup = [&](std::string_view) { return &newer; };
  const FeatureSet set{.name = "test", .features = {{"x", "ewma(price)"}}};
  EXPECT_NE(make_plan(set, lookup, {})->fingerprint, make_plan(set)->fingerprint);
}

TEST(Plan, RowTimesMayBeWrittenWhereAKernelReadsThem) {
  const auto plan = plan_of(
      {"stale_quote_detector(ts_event, ts_recv, bid, ask).is_stale", "stale_quote_detector(bid, ask).is_stale"});
  EXPECT_EQ(plan->features[0].value, plan->features[1].value);
  const auto twap = plan_of({"twap(price, ts_event)", "twap(price)", "twap(price, ts_event, window=5m)"});
  EXPECT_EQ(twap->features[0].value, twap->features[1].value);
  EXPECT_EQ(twap->nodes[twap->features[2].value.node].inputs.size(), 1U);
}

// As the tables of kernels print them.
TEST(Plan, CallsWithTimesAndNumbersOfTradesAreTaken) {
  const std::vector<std::string> calls{"vwap(price, size)",
                                       "circuit_breaker(price)",
                                       "circuit_breaker(price, mark_price, cooldown=10s)",
                                       "trade_intensity(ts_event, half_life=30s)",
                                       "throttle_check(ts_event, rate=10, on=trade)",
                                       "dedupe_trades(trade_id, capacity=100)",
                                       "dedupe_trades(ts_event, price, size, side)",
                                       "clock_skew_align(ts_event, ts_recv, window=expanding)",
                                       "funding_cost(size, mark_price, funding_rate, next_funding_ns)",
                                       "perp_fair_price(index_price, funding_rate, next_funding_ns, interval=8h)",
                                       "bar_consistency(open_24h, high_24h, low_24h, price, vol_24h, ts_event)"};
  const auto plan = plan_of(calls);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    EXPECT_EQ(plan->nodes[plan->features[i].value.node].kernel->doc.name, calls[i].substr(0, calls[i].find('(')));
  }
  const auto type_of = [&](std::size_t feature) { return plan->features[feature].type; };
  EXPECT_EQ(type_of(5), ValueType::flag);
  EXPECT_EQ(type_of(6), ValueType::flag);
  EXPECT_EQ(type_of(7), ValueType::span);
  EXPECT_EQ(type_of(8), ValueType::number);
}

TEST(Plan, FingerprintsDoNotSeeNamesSpellingAndUnits) {
  const FeatureSet one{.name = "one", .features = {{"a", "ewma(price, lambda=0.94)"}}};
  const FeatureSet two{.name = "two",
                       .file = "two.toml",
                       .features = {{.name = "b", .expression = " ewma( price )", .unit = "px", .line = 3}}};
  EXPECT_EQ(make_plan(one)->fingerprint, make_plan(two)->fingerprint);
}

}  // namespace
}  // namespace millrace
