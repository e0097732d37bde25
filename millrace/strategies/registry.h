#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "millrace/trading/rule_program.h"
#include "millrace/trading/strategy.h"

namespace millrace {

/// A class that a strategy file names as its `kind`. `make` may look for columns by name in `plan` and throws
/// Error(Fault::config) for parameters that do not go together.
struct BuiltInStrategy {
  std::string_view kind;
  std::unique_ptr<Strategy> (*make)(const StrategySpec& spec, const RuleSet& rules, const Plan& plan);
};

/// All of them, sorted by kind.
std::span<const BuiltInStrategy> built_in_strategies();

}  // namespace millrace
