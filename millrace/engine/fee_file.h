#pragma once

#include <string>
#include <string_view>

#include "millrace/trading/fees.h"

namespace millrace {

// A fee table, in TOML. What a venue took for trades on a day, and where that was published:
//
//   [coinbase]
//   date = "2024-10-01"
//   source = "…"
//   tier = "0-10k"          that applies; left out: the first
//   borrow_apr = 0.08       of borrowed assets, a share a year; left out: nothing can be borrowed
//   withdrawal = 5.0        of a transfer, in units of the account's asset
//   tiers = [{ name = "0-10k", maker_bps = 40, taker_bps = 60 }]

/// Reads a file, or the shipped table where `name` is "shipped". Throws Error(Fault::config).
FeeTable load_fees(const std::string& name);

FeeTable parse_fees(std::string_view text, const std::string& file);

/// "venue=tier": another tier than the table's. Throws Error(Fault::config) with the known ones.
void set_fee_tier(FeeTable& table, std::string_view text);

}  // namespace millrace
