#include "millrace/strategies/registry.h"

#include <array>

#include "millrace/strategies/makers.h"

namespace millrace {

namespace {

constexpr std::array classes{
    BuiltInStrategy{"btc_eth_pairs", make_btc_eth_pairs},
    BuiltInStrategy{"cross_exchange_arbitrage", make_cross_exchange_arbitrage},
    BuiltInStrategy{"funding_carry", make_funding_carry},
    BuiltInStrategy{"market_making", make_market_making},
    BuiltInStrategy{"rules", make_rule_strategy},
    BuiltInStrategy{"stat_arb_basket", make_stat_arb_basket},
};

}  // namespace

std::span<const BuiltInStrategy> built_in_strategies() { return classes; }

}  // namespace millrace
