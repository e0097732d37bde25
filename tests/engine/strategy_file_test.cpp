#include "millrace/engine/strategy_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "millrace/base/error.h"
#include "millrace/engine/fee_file.h"

// What is wrong in a strategy's or a fee table's file is told with line, column, key, what was expected and found.

namespace millrace {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view sound =
    "[parameters]\n"
    "k = { value = 2.0, min = 0.5, max = 5.0, meaning = \"distance\" }\n"
    "hold = \"15m\"\n"
    "[rules]\n"
    "entry_long = \"price > $k\"\n"
    "exit_long = \"price < 1\"\n"
    "sigma = \"price\"\n";

std::string complaint(const std::string& text, const std::vector<std::pair<std::string, std::string>>& set = {}) {
  try {
    load_strategy_text(text, "mine.toml", set);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::config);
    return error.what();
  }
  return "";
}

std::string with(const std::string& from, const std::string& to) {
  std::string text(sound);
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(StrategyFile, ParametersAreReadSetAndInserted) {
  const StrategySpec spec = load_strategy_text(sound, "mine.toml", {{"k", "3"}, {"hold", "90s"}});
  EXPECT_EQ(spec.name, "mine");
  EXPECT_EQ(spec.number("k"), 3.0);
  EXPECT_EQ(spec.duration("hold"), 90 * one_second);
  EXPECT_EQ(spec.number("cap"), 0.25);
  ASSERT_EQ(spec.rules.size(), 3U);
  EXPECT_EQ(spec.rules[0].definition.expression, "price > 3");
}

TEST(StrategyFile, WhatIsWrongIsToldWithItsPlace) {
  EXPECT_THAT(complaint(with("entry_long", "entry_lnog")),
              HasSubstr("mine.toml:5:1: key `entry_lnog`: expected one of when, entry_long"));
  EXPECT_THAT(complaint(with("entry_long", "entry_lnog")), HasSubstr("did you mean `entry_long`?"));
  EXPECT_THAT(complaint(with("$k", "$kk")), HasSubstr("mine.toml:5:"));
  EXPECT_THAT(complaint(with("$k", "$kk")), HasSubstr("`$kk`: expected a parameter of the strategy"));
  EXPECT_THAT(complaint(with("value = 2.0", "value = 9.0")), HasSubstr("expected a value from 0.5 to 5, was 9"));
  EXPECT_THAT(complaint(with("\"price\"\n", "3\n")), HasSubstr("mine.toml:7:"));
  EXPECT_THAT(complaint(with("meaning", "maening")), HasSubstr("did you mean `meaning`?"));
  EXPECT_THAT(complaint(with("exit_long = \"price < 1\"\n", "")), HasSubstr("expected exit_long beside entry_long"));
  EXPECT_THAT(complaint(with("sigma = \"price\"\n", "")), HasSubstr("expected sigma"));
  EXPECT_THAT(complaint("tilte = \"x\"\n" + std::string(sound)), HasSubstr("mine.toml:1:1: key `tilte`"));
}

TEST(StrategyFile, ParametersOfTheCommandLineAreChecked) {
  EXPECT_THAT(complaint(std::string(sound), {{"kk", "1"}}), HasSubstr("--set: mine has no parameter `kk`"));
  EXPECT_THAT(complaint(std::string(sound), {{"k", "9"}}), HasSubstr("parameter `k`: expected 0.5 to 5, was 9"));
  EXPECT_THAT(complaint(std::string(sound), {{"k", "two"}}), HasSubstr("expected a number, was `two`"));
  EXPECT_THAT(complaint(std::string(sound), {{"hold", "2"}}), HasSubstr("expected a length of time such as 15m"));
}

TEST(StrategyFile, AnUnknownStrategyHasTheNearestName) {
  try {
    load_strategy("mean_revresion", {});
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean `mean_reversion`?"));
  }
}

TEST(StrategyFile, EveryEmbeddedStrategyIsReadAndTellsItsPage) {
  for (const std::string& name : strategy_names()) {
    const StrategySpec spec = load_strategy(name, {});
    for (const std::string* text : {&spec.title, &spec.idea, &spec.loses}) EXPECT_FALSE(text->empty()) << name;
    EXPECT_FALSE(spec.needs.empty()) << name;
    for (const StrategyParameter& one : spec.parameters) {
      EXPECT_FALSE(one.meaning.empty()) << name << " " << one.name;
      EXPECT_TRUE(one.is_text || one.least < one.most) << name << " " << one.name;
    }
  }
}

std::string fee_complaint(const std::string& text) {
  try {
    parse_fees(text, "fees.toml");
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::config);
    return error.what();
  }
  return "";
}

TEST(FeeFile, WhatIsWrongIsToldWithItsPlace) {
  const std::string tiers = "tiers = [{ name = \"a\", maker_bps = 1, taker_bps = 2 }]\n";
  EXPECT_EQ(fee_complaint("[v]\ndate = \"2024-10-01\"\n" + tiers), "");
  EXPECT_THAT(fee_complaint(""), HasSubstr("fees.toml:1:1: expected a table for each venue"));
  EXPECT_THAT(fee_complaint("[v]\n" + tiers), HasSubstr("expected the `date` it was true"));
  EXPECT_THAT(fee_complaint("[v]\ndate = \"2024-10-01\"\n"), HasSubstr("expected `tiers` with at least one"));
  EXPECT_THAT(fee_complaint("[v]\ndate = \"2024-10-01\"\nsuorce = \"x\"\n" + tiers),
              HasSubstr("did you mean `source`?"));
  EXPECT_THAT(fee_complaint("[v]\ndate = \"2024-10-01\"\ntiers = [{ name = \"a\", maker_bps = 1 }]\n"),
              HasSubstr("expected `taker_bps`, was none"));
  EXPECT_THAT(fee_complaint("[v]\ndate = \"2024-10-01\"\ntier = \"b\"\n" + tiers), HasSubstr("fees.toml:3:1"));
  EXPECT_THAT(
      fee_complaint("[v]\ndate = \"2024-10-01\"\ntiers = [{ name = \"a\", maker_bps = 1, taker_bps = 5000 }]\n"),
      HasSubstr("expected a number from -1000 to 1000, was 5000"));
}

TEST(FeeFile, ATierIsSetByName) {
  FeeTable fees = load_fees("shipped");
  set_fee_tier(fees, "binance=vip1");
  EXPECT_EQ(fees.find("binance")->applied().name, "vip1");
  EXPECT_THROW(set_fee_tier(fees, "binance=vip77"), Error);
  EXPECT_THROW(set_fee_tier(fees, "nowhere=vip1"), Error);
  EXPECT_THROW(set_fee_tier(fees, "vip1"), Error);
}

}  // namespace
}  // namespace millrace
