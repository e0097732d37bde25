#include "millrace/strategies/registry.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "millrace/base/error.h"
#include "millrace/engine/strategy_file.h"
#include "millrace/engine/strategy_maker.h"

namespace millrace {
namespace {

TEST(Registry, IsSortedByKind) {
  const auto all = built_in_strategies();
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.kind < b.kind; }));
}

TEST(Registry, HasTheClassOfEveryShippedStrategy) {
  const auto all = built_in_strategies();
  for (const std::string& name : strategy_names()) {
    const StrategySpec spec = load_strategy(name, {});
    const bool is_there = std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.kind == spec.kind; });
    EXPECT_TRUE(is_there) << name << " is a " << spec.kind;
  }
}

TEST(Registry, AnUnknownKindIsAnErrorThatSaysTheNearest) {
  const StrategySpec spec = parse_strategy("kind = \"rule\"\n", "mine.toml");
  try {
    make_strategy(spec, {}, {});
    FAIL() << "it was made";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("mine.toml: key `kind`: expected one of"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("did you mean `rules`"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace millrace
