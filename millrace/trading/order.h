#pragma once

#include <cstdint>
#include <string_view>

#include "millrace/market/instruments.h"
#include "millrace/market/tick.h"
#include "millrace/trading/money.h"

namespace millrace {

using OrderId = std::uint64_t;  // ours, from 1 in the order of sending; 0 = none

enum class OrderType : std::uint8_t {
  market,
  limit,
  stop,           // becomes a market order once the price is at or through `trigger`
  trailing_stop,  // its trigger follows the best price at a distance of `trail` ticks
};

enum class TimeInForce : std::uint8_t {
  gtc,  // rests until filled or cancelled
  ioc,  // takes what it can at once, the rest is cancelled
  fok,  // all at once or nothing
};

/// What is asked of a venue.
struct OrderRequest {
  InstrumentId instrument = no_instrument;
  Side side = Side::unknown;
  OrderType type = OrderType::market;
  TimeInForce time_in_force = TimeInForce::gtc;
  Lots size = 0;      // > 0
  Ticks limit = 0;    // of a limit order
  Ticks trigger = 0;  // of a stop
  Ticks trail = 0;    // of a trailing stop
  bool is_post_only = false;
  bool is_reduce_only = false;  // never opens or turns a position
};

struct Order : OrderRequest {
  OrderId id = 0;
  Nanos sent = no_time;   // our clock
  std::uint32_t why = 0;  // the strategy's reason, by its own numbers
};

/// Why an order was not sent, refused, or ended unfilled. The order log writes the names.
enum class OrderReason : std::uint8_t {
  none,
  // Guards, before sending.
  stale_data,
  book_not_sane,
  price_outlier,
  price_band,
  fat_finger,
  position_limit,
  loss_limit,
  rate_limit,
  circuit_breaker,
  kill_switch,
  no_edge,
  size_below_minimum,
  short_not_allowed,
  // The venue's.
  bad_price,
  bad_size,
  below_minimum_notional,
  insufficient_balance,
  insufficient_margin,
  would_take,        // post-only at a price that takes
  would_not_reduce,  // reduce-only without a position to reduce
  not_fillable,      // fill-or-kill
  unknown_order,     // cancel or amend of one that is gone
  too_many_orders,
  no_market,  // nothing to trade against, or the instrument has expired
  // Ends.
  by_request,
  unfilled_rest,  // of ioc
  self_trade,     // a newer order of ours would have met it
  liquidated,
  expired,
  end_of_run,
};

std::string_view name_of(OrderReason reason);
std::string_view name_of(OrderType type);
std::string_view name_of(TimeInForce time);

constexpr Side opposite(Side side) { return side == Side::buy ? Side::sell : side == Side::sell ? Side::buy : side; }
constexpr std::int64_t sign_of(Side side) { return static_cast<std::int64_t>(side); }

}  // namespace millrace
