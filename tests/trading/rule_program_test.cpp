#include "millrace/trading/rule_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "millrace/base/error.h"
#include "millrace/engine/config.h"
#include "millrace/engine/strategy_file.h"
#include "tests/graph/cross_rows.h"

namespace millrace::testing {
namespace {

constexpr std::array expressions{
    "ewma(price, lambda=0.5) > price and quoted_spread_bps <= 3",
    "not (bid >= price) or ask < price",
    "1e4*abs(price - ewma(price, lambda=0.9))/price",
    "min(bid, price) - max(ask, price) + -3*size^2",
    "price == bid or size != 0.5",
    "sqrt(abs(bid - ask)) + ln(price) + exp(-size) + sign(price - bid)",
    "spread < 1 and time_of_day(ts_event) > 0.5",
    "bid",
};

/// On rows that observe everything. On others a rule takes each value as it is known there, where the graph waits for a
/// row on which all of them are observed.
TEST(RuleProgram, GivesTheBitsOfTheGraph) {
  std::string text =
      "[let]\nspread = \"quoted_spread(bid, ask)\"\nquoted_spread_bps = \"1e4*spread/bid\"\n[rules]\nsignal = [";
  std::string graph_text = "[features]\n";
  for (std::size_t i = 0; i < expressions.size(); ++i)
    text += (i > 0 ? ", \"" : "\"") + std::string(expressions[i]) + "\"";
  text += "]\nentry_long = \"price > 1\"\nexit_long = \"price < 1\"\nsigma = \"price\"\n";
  const StrategySpec spec = load_strategy_text(text, "mine.toml", {});
  std::vector<Definition> same;
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    same.push_back({.name = "graph_" + std::to_string(i), .expression = expressions[i]});
  }
  const RuleSet rules = make_rules(spec, same);
  Chunk rows = random_rows(4'000, 3, 17, 0.2);
  std::fill(rows.kind.begin(), rows.kind.end(), static_cast<std::uint8_t>(Kind::ticker));
  Instruments instruments;
  for (const char* symbol : {"A-USD", "B-USD", "C-USD"}) instruments.intern("v", symbol);
  CrossGraph graph(make_cross_plan(rules.features), instruments);
  FeatureBlock block;
  graph.run(rows, block);
  RuleProgram program(rules, rules.find("signal"), graph.plan());
  std::vector<std::size_t> columns;
  for (const Definition& one : same) {
    for (std::size_t f = 0; f < graph.plan().features.size(); ++f) {
      if (graph.plan().features[f].name == one.name) columns.push_back(f);
    }
  }
  ASSERT_EQ(columns.size(), expressions.size());
  std::vector<std::size_t> given(expressions.size()), empty(expressions.size());
  for (std::size_t first = 0; first < rows.rows(); first += 100) {
    const std::size_t count = std::min<std::size_t>(100, rows.rows() - first);
    program.run(block, first, count);
    for (std::size_t rule = 0; rule < expressions.size(); ++rule) {
      for (std::size_t i = 0; i < count; ++i) {
        const double expected = block.columns[columns[rule]].number(first + i), was = program.result(rule)[i];
        if (std::isnan(expected)) {
          ++empty[rule];
          ASSERT_TRUE(std::isnan(was)) << expressions[rule] << " row " << first + i << ": " << was;
        } else {
          ++given[rule];
          ASSERT_EQ(expected, was) << expressions[rule] << " row " << first + i;
        }
      }
    }
  }
  for (std::size_t rule = 0; rule < expressions.size(); ++rule) {
    EXPECT_GT(given[rule], 100U) << expressions[rule];
    EXPECT_GT(empty[rule], 100U) << expressions[rule];
  }
}

TEST(RuleProgram, AnUnknownNameIsToldWithItsPlaceAndTheNearest) {
  const StrategySpec spec = load_strategy_text(
      "[let]\nspread = \"quoted_spread(bid, ask)\"\n[rules]\nentry_long = \"spraed > 1\"\nexit_long = \"price < 1\"\n"
      "sigma = \"price\"\n",
      "mine.toml", {});
  try {
    make_rules(spec, {});
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_STREQ(
        error.what(),
        "mine.toml:4:15: rule `entry_long`: `spraed` is no feature, column or parameter (did you mean `spread`?)");
  }
}

}  // namespace
}  // namespace millrace::testing
