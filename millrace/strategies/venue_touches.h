#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "millrace/strategies/base_lots.h"
#include "millrace/trading/desk.h"

namespace millrace {

/// The best prices of one instrument, when they were made, and what we hold of it at the start.
struct VenueTouch {
  InstrumentId instrument = no_instrument;
  double bid = no_value, bid_size = no_value, ask = no_value, ask_size = no_value;  // sizes in base
  Nanos received = no_time;                                                         // by the receiver's clock
  Nanos aligned = no_time;  // venue time by the receiver's clock
  Nanos seen = no_time;     // by the desk's
  double initial = 0.0;     // inventory in base

  bool is_known() const { return seen != no_time && bid > 0.0 && ask > 0.0; }
};

/// What selling at one venue's bid and buying at another's ask brings, in bps of the middle of both.
struct VenueGap {
  double gross_bps = no_value;  // touch to touch, never between middles
  double fees_bps = no_value;   // of both takers
  double cost_bps = no_value;   // with slippage, conversion and re-balancing
  double middle = no_value;     // worth of 1 base in the account's asset
  double net_bps() const { return gross_bps - cost_bps; }
};

/// Instruments of one base asset that are the same thing: spot, perpetuals, or futures of one day.
struct VenueGroup {
  std::string base;
  Contract contract = Contract::spot;
  Nanos expiry = no_time;
  std::vector<VenueTouch> touches;
  std::vector<Nanos> since;  // by sell * size + buy: from when on the pair has paid; no_time = it does not

  bool takes(const InstrumentSpec& spec) const {
    return base == spec.base && contract == spec.contract && expiry == spec.expiry;
  }
  void add(VenueTouch touch);
  Nanos& since_of(std::size_t sell, std::size_t buy) { return since[sell * touches.size() + buy]; }
};

}  // namespace millrace
