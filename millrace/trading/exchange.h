#pragma once

#include <cstdint>

#include "millrace/trading/order.h"

namespace millrace {

/// A part of an order that was traded.
struct Fill {
  OrderId order = 0;
  InstrumentId instrument = no_instrument;
  Side side = Side::unknown;  // ours
  Ticks price = 0;
  Lots size = 0;   // > 0
  Amount fee = 0;  // paid, in the settlement asset; negative: a rebate
  bool is_maker = false;
  bool is_liquidation = false;
  double mid = no_value;    // of the quote at the venue when it happened; without one the last trade's price
  double touch = no_value;  // best price of the other side then (of our own side for a maker)
};

/// What a venue tells about orders and accounts.
struct ExchangeEvent {
  enum class Type : std::uint8_t {
    accepted,
    rejected,   // never lived; `reason`
    filled,     // `fill`; `is_final` where nothing of the order is left
    cancelled,  // gone, with `left` unfilled; `reason`
    amended,
    cancel_rejected,  // the order was gone, or unknown; it is as it was
    amend_rejected,
    funding,  // `amount` received for a position in `fill.instrument`; negative: paid
    borrow,   // `amount` of interest, negative
    settled,  // a dated future ended: `fill` closes it at the final price
  };
  Type type = Type::accepted;
  OrderReason reason = OrderReason::none;
  bool is_final = false;
  OrderId order = 0;
  Nanos ts_venue = no_time;  // when it happened
  Nanos ts_local = no_time;  // when we learn of it
  Lots left = 0;             // of the order, unfilled after the event
  Ticks limit = 0;           // of an accepted or amended order, as the venue has it
  Amount amount = 0;
  Fill fill;
};

/// Inventory of one spot instrument that goes to another venue, where it is held as `to`, and the cash that comes back
/// for it, so that both venues can go on trading. Sizes are above 0, amounts in each side's settlement asset.
struct Transfer {
  InstrumentId from = no_instrument, to = no_instrument;
  Lots size_from = 0, size_to = 0;    // the same base, in lots of each
  Amount cash_from = 0, cash_to = 0;  // comes to the wallet of `from`, leaves that of `to`
  Amount fee_from = 0, fee_to = 0;    // of the withdrawals: of the inventory, of the cash
};

/// Where orders go. Backtest and paper trading have a simulated one, live trading a venue's. Nothing is told at once:
/// answers come through `poll`, in the order of `ts_local`.
class Exchange {
 public:
  virtual ~Exchange() = default;

  /// Sends `order`; `order.sent` is now. Its id is new.
  virtual void submit(const Order& order) = 0;
  virtual void cancel(OrderId order, Nanos now) = 0;
  /// Another limit and another size left; it loses its place in the queue unless only the size falls.
  virtual void amend(OrderId order, Ticks limit, Lots left, Nanos now) = 0;

  /// Books a transfer at the venues, once it has arrived. False where nothing can be moved: then nothing has happened.
  virtual bool transfer(const Transfer&) { return false; }

  /// Takes the next event that is known by `now`; false where there is none.
  virtual bool poll(Nanos now, ExchangeEvent& event) = 0;
};

}  // namespace millrace
