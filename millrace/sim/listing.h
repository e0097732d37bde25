#pragma once

#include <cstdint>
#include <vector>

#include "millrace/sim/queue.h"
#include "millrace/trading/account.h"
#include "millrace/trading/fees.h"

namespace millrace {

/// An order at the venue.
struct LiveOrder {
  enum class Phase : std::uint8_t {
    resting,
    awaiting,  // takes at the next trade or quote: there is no quote
    stopped,   // waits for its trigger
    gone,
  };

  Order order;
  Lots left = 0;
  Phase phase = Phase::resting;
  QueuePlace place;
  Ticks trigger = 0;  // of a stop; a trailing one's moves

  bool is_buy() const { return order.side == Side::buy; }
  bool has_limit() const { return order.type == OrderType::limit; }
  bool is_stop() const { return order.type == OrderType::stop || order.type == OrderType::trailing_stop; }
  bool rests_at(Side side) const { return phase == Phase::resting && order.side == side; }
  /// Fills at `price` are within its limit.
  bool allows(Ticks price) const { return !has_limit() || (is_buy() ? price <= order.limit : price >= order.limit); }
};

/// Best price of a side with its size, as queues know it.
struct Level {
  Ticks price = 0;
  double size = 0.0;                       // lots; infinite where it is not told
  double traded = 0.0;                     // at this price since the quote said so
  double quoted = 0.0, quoted_size = 0.0;  // as the row has them
};

/// What a venue keeps of one instrument that was traded.
struct Listing {
  InstrumentId instrument = no_instrument;
  const InstrumentSpec* spec = nullptr;  // nullptr: never traded
  const VenueFees* fees = nullptr;
  std::uint32_t venue = 0, wallet = 0;  // their places
  std::vector<LiveOrder> orders;        // in the order they came
  Level bid, ask;                       // kept while orders are there
  double health = 0.0;                  // what it adds to its wallet's
  double interest = 0.0;                // accrued and not yet booked; paid
  Nanos interest_since = no_time;       // of a borrowed position
  Nanos funded_until = no_time;         // newest funding stamp that is booked
  bool is_active = false;               // has orders, a position or interest

  Level& level(Side side) { return side == Side::buy ? bid : ask; }
};

}  // namespace millrace
