#pragma once

#include <memory>

#include "millrace/trading/rule_program.h"
#include "millrace/trading/strategy.h"
#include "millrace/trading/strategy_spec.h"

namespace millrace {

/// A strategy at work: rules, or the built-in class that the file names. `rules` are those of `spec`, resolved. Throws
/// Error(Fault::config) for an unknown class.
std::unique_ptr<Strategy> make_strategy(const StrategySpec& spec, const RuleSet& rules, const Plan& plan);

}  // namespace millrace
