#pragma once

#include <map>
#include <string>
#include <string_view>

#include "millrace/market/instruments.h"

namespace millrace {

/// By "venue:symbol".
using InstrumentTable = std::map<std::string, InstrumentFacts, std::less<>>;

/// Reads a CSV with the columns venue, symbol and tick_size, in any order; lot_size, min_size, min_notional, contract
/// (spot, linear, inverse), multiplier, max_leverage and maintenance_share may be there, others are passed over. A cell
/// may be empty where a fact is not known. All else that is wrong is an Error(Fault::input) with file, line and column.
InstrumentTable read_instrument_table(const std::string& path);

/// The same for a text; `path` is what messages name.
InstrumentTable parse_instrument_table(std::string_view text, const std::string& path);

}  // namespace millrace
