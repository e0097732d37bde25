#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
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

/// Best price of a side with its size, as queues know it. Most quotes are far from our orders: they are counted in
/// ticks and lots when somebody asks.
struct Level {
  double quoted = 0.0, quoted_size = 0.0;  // as the row has them
  double traded = 0.0;                     // lots, at this price since the quote said so
  bool is_counted = false;
  Ticks price = 0;
  double size = 0.0;  // lots; infinite where it is not told

  bool shows(double price_now, double size_now) const { return price_now == quoted && size_now == quoted_size; }
};

/// Prices with the limits of all orders that rest on a side between them, two ticks wide of them.
struct Reach {
  double low = std::numeric_limits<double>::infinity(), high = -low;

  bool holds(double price) const { return price >= low && price <= high; }
  void widen(double price, double margin) {
    low = std::min(low, price - margin);
    high = std::max(high, price + margin);
  }
};

/// What a venue keeps of one instrument that was traded.
struct Listing {
  InstrumentId instrument = no_instrument;
  const InstrumentSpec* spec = nullptr;  // nullptr: never traded
  const VenueFees* fees = nullptr;
  std::uint32_t venue = 0, wallet = 0;     // their places
  std::vector<LiveOrder> orders;           // in the order they came
  Level bid, ask;                          // kept while orders are there
  Reach buys, sells;                       // of what rests
  double health = 0.0;                     // what it added to its wallet's when that was last counted,
  double calm_low = 0.0, calm_high = 0.0;  // and marks between which the wallet stays covered
  double interest = 0.0;                   // accrued and not yet booked; paid
  Nanos interest_since = no_time;          // of a borrowed position
  Nanos funded_until = no_time;            // newest funding stamp that is booked
  bool is_active = false;                  // has orders, a position or interest
  bool has_waiting = false;                // of its orders some may not rest: they await a market or a trigger

  bool is_calm(double mark) const { return mark >= calm_low && mark <= calm_high; }
  Level& level(Side side) { return side == Side::buy ? bid : ask; }
  const Reach& reach(Side side) const { return side == Side::buy ? buys : sells; }
  void widen_reach(const LiveOrder& live) {
    (live.is_buy() ? buys : sells).widen(spec->price(live.order.limit), 2.0 * spec->price(1));
  }
};

}  // namespace millrace
