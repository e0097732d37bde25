#include <gtest/gtest.h>

#include "millrace/graph/graph.h"

namespace millrace {
namespace {

/// One instrument's trades, a second apart, through two expressions.
std::vector<std::vector<double>> values_of(const std::vector<double>& prices, std::vector<std::string> expressions) {
  FeatureSet set{.name = "test"};
  for (std::size_t i = 0; i < expressions.size(); ++i)
    set.features.push_back({"f" + std::to_string(i), expressions[i]});
  Graph graph(make_plan(set));
  Chunk chunk;
  chunk.reset(graph.plan().columns);
  chunk.resize(prices.size());
  for (std::size_t i = 0; i < prices.size(); ++i) {
    chunk.clear_row(i);
    chunk.instrument[i] = 0;
    chunk.ts_event[i] = static_cast<Nanos>(i) * one_second;
    chunk.kind[i] = static_cast<std::uint8_t>(Kind::trade);
    chunk.f64(Column::price)[i] = prices[i];
  }
  FeatureBlock features;
  graph.run(chunk, features);
  std::vector<std::vector<double>> values;
  for (const FeatureColumn& column : features.columns) values.emplace_back(column.values.begin(), column.values.end());
  return values;
}

TEST(NullPolicy, SkipKeepsTheStateAndResetStartsAnew) {
  const auto values = values_of({1, 2, 3, no_value, 4, 5, 6},
                                {"rolling_sum(price, window=3)", "rolling_sum(price, window=3, nan_policy=reset)",
                                 "ewma(price, alpha=0.5)", "ewma(price, alpha=0.5, nan_policy=reset)"});
  EXPECT_TRUE(std::isnan(values[0][3]) && std::isnan(values[1][3]));
  EXPECT_EQ(values[0][4], 2 + 3 + 4);
  EXPECT_TRUE(std::isnan(values[1][4]) && std::isnan(values[1][5]));
  EXPECT_EQ(values[1][6], 4 + 5 + 6);
  EXPECT_EQ(values[2][4], 0.5 * (0.5 * (0.5 * 1 + 0.5 * 2) + 0.5 * 3) + 0.5 * 4);
  EXPECT_EQ(values[3][4], 4);
}

TEST(NullPolicy, ResetMakesAnEventTimeWindowWarmUpAgain) {
  const auto values = values_of(
      {1, 1, 1, 1, 1, no_value, 1, 1, 1, 1},
      {"rolling_sum(price, window=3s, buckets=3)", "rolling_sum(price, window=3s, buckets=3, nan_policy=reset)"});
  EXPECT_EQ(values[0][6], 2);  // seconds 4 and 6; 5 had no value
  EXPECT_TRUE(std::isnan(values[1][6]) && std::isnan(values[1][7]));
  EXPECT_EQ(values[1][8], 3);
}

}  // namespace
}  // namespace millrace
