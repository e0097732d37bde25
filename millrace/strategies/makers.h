#pragma once

#include <memory>

#include "millrace/trading/regime_overlay.h"
#include "millrace/trading/rule_program.h"
#include "millrace/trading/strategy.h"

namespace millrace {

/// The parameters of an overlay that lies over any of them. REQUIRES: the file has one.
RegimeOverlay::Params overlay_of(const StrategySpec& spec);

// One for each row of the registry: reads the file's parameters and finds the columns.

std::unique_ptr<Strategy> make_btc_eth_pairs(const StrategySpec& spec, const RuleSet& rules, const Plan& plan);
std::unique_ptr<Strategy> make_cross_exchange_arbitrage(const StrategySpec& spec, const RuleSet& rules,
                                                        const Plan& plan);
std::unique_ptr<Strategy> make_funding_carry(const StrategySpec& spec, const RuleSet& rules, const Plan& plan);
std::unique_ptr<Strategy> make_market_making(const StrategySpec& spec, const RuleSet& rules, const Plan& plan);
std::unique_ptr<Strategy> make_rule_strategy(const StrategySpec& spec, const RuleSet& rules, const Plan& plan);
std::unique_ptr<Strategy> make_stat_arb_basket(const StrategySpec& spec, const RuleSet& rules, const Plan& plan);

}  // namespace millrace
