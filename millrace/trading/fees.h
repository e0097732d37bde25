#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// What a venue takes for a trade, as a share of its notional.
struct FeeTier {
  std::string name;                         // "vip0", "0-10k"
  double maker_bps = 0.0, taker_bps = 0.0;  // negative: a rebate
};

struct VenueFees {
  std::string venue;
  std::string date, source;  // when the table was true, and where it stands
  std::vector<FeeTier> tiers;
  std::size_t tier = 0;      // the one that applies
  double withdrawal = 0.0;   // of the base asset, for what re-balancing costs; in account units per transfer
  double borrow_apr = -1.0;  // interest on borrowed assets, a share a year; below 0: nothing can be borrowed

  const FeeTier& applied() const { return tiers[tier]; }
};

/// Of all venues of a run.
struct FeeTable {
  std::vector<VenueFees> venues;
  const VenueFees* find(std::string_view venue) const {
    for (const VenueFees& one : venues) {
      if (one.venue == venue) return &one;
    }
    return nullptr;
  }
};

}  // namespace millrace
