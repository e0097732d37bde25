#pragma once

#include <string_view>

#include "millrace/graph/feature_set.h"

namespace millrace {

/// "venue:symbol", or nothing.
bool is_instrument(std::string_view text);

/// `btc=binance:BTC-USDT`, as on the command line: says which instrument a leg of the set is. Another leg, or no
/// instrument, is an Error(Fault::usage).
void set_leg(FeatureSet& set, std::string_view text);

}  // namespace millrace
