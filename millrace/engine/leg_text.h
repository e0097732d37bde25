#pragma once

#include <string_view>

#include "millrace/graph/feature_set.h"

namespace millrace {

/// Letters, digits and _, no digit first.
bool is_feature_name(std::string_view name);

/// A leg has a name of its own: no column's, and not the row's instrument.
bool is_leg_name(std::string_view name);

/// "venue:symbol", or nothing.
bool is_instrument(std::string_view text);

/// `btc=binance:BTC-USDT`, as on the command line: says which instrument a leg of the set is. Another leg, or no
/// instrument, is an Error(Fault::usage).
void set_leg(FeatureSet& set, std::string_view text);

}  // namespace millrace
