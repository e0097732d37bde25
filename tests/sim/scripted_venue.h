#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "millrace/sim/sim_exchange.h"

namespace millrace::testing {

inline constexpr Nanos one_ms = 1'000'000;

/// A simulated exchange played by hand: times in ms, steps of 1 in price and size. Every answer is booked in an account
/// of our own, and both accounts must add up after each.
class ScriptedVenue {
 public:
  struct Terms {
    SimOptions options = {.order_latency = {.least = 0, .most = 0}, .ack_latency = {.least = 0, .most = 0}};
    double maker_bps = 0.0, taker_bps = 0.0, borrow_apr = -1.0;
    double cash = 1e6;
  };

  explicit ScriptedVenue(const Terms& terms) {
    fees_.venues = {
        {.venue = "v", .tiers = {{"only", terms.maker_bps, terms.taker_bps}}, .borrow_apr = terms.borrow_apr}};
    specs_.push_back(spec("A-USD", Contract::spot));
    specs_.push_back(spec("B-USD:PERP", Contract::linear));
    specs_.push_back(spec("C-USD:20300101", Contract::linear));
    exchange_ = std::make_unique<SimExchange>(specs_, fees_, terms.options);
    for (Account* account : {&exchange_->account(), &ours_}) account->deposit("v", "USD", *to_amount(terms.cash));
  }

  static InstrumentSpec spec(const std::string& symbol, Contract contract) {
    InstrumentSpec made{.venue = "v", .symbol = symbol, .base = symbol.substr(0, 1), .quote = "USD"};
    made.contract = contract;
    made.tick_size = made.lot_size = {1, 0};
    if (contract != Contract::spot) {
      made.max_leverage = 10.0;
      made.maintenance_share = 0.05;
    }
    return made;
  }

  /// Everything due before `ms`, in the order of time.
  void run_to(std::int64_t ms) { run_to_time(ms * one_ms); }
  void run_to_time(Nanos until) {
    for (Nanos next; (next = exchange_->next_time()) < until;) {
      exchange_->advance(next + 1);
      read(next);
    }
    exchange_->advance(until);
  }

  void row(MarketRow next) {
    run_to_time(next.ts_event);
    exchange_->on_market(next);
  }
  void quote(std::int64_t ms, double bid, double bid_size, double ask, double ask_size) {
    last_.kind = Kind::quote;
    last_.size = no_value;
    last_.side = Side::unknown;
    last_.bid = bid;
    last_.bid_size = bid_size;
    last_.ask = ask;
    last_.ask_size = ask_size;
    stamp(ms);
  }
  void trade(std::int64_t ms, double price, double size, Side side = Side::unknown, Kind kind = Kind::trade) {
    last_.kind = kind;
    last_.price = price;
    last_.size = size;
    last_.side = side;
    stamp(ms);
  }
  MarketRow& last() { return last_; }
  void stamp(std::int64_t ms) {
    last_.instrument = instrument;
    last_.ts_event = last_.ts_recv = ms * one_ms;
    row(last_);
  }

  OrderId send(std::int64_t ms, Order order) {
    run_to(ms);
    order.id = ++sent_;
    order.sent = ms * one_ms;
    order.instrument = instrument;
    exchange_->submit(order);
    return order.id;
  }
  OrderId limit(std::int64_t ms, Side side, Lots size, Ticks price) {
    return send(ms, made(side, size, OrderType::limit, price));
  }
  OrderId market(std::int64_t ms, Side side, Lots size) { return send(ms, made(side, size, OrderType::market, 0)); }
  static Order made(Side side, Lots size, OrderType type, Ticks price) {
    Order order;
    order.side = side;
    order.size = size;
    order.type = type;
    (type == OrderType::stop ? order.trigger : type == OrderType::trailing_stop ? order.trail : order.limit) = price;
    return order;
  }

  /// "accepted", "filled 3@101", "cancelled by_request left 2" of an order, in order.
  std::vector<std::string> story(OrderId order) const {
    std::vector<std::string> lines;
    for (const ExchangeEvent& event : events) {
      if (event.order == order) lines.push_back(told(event));
    }
    return lines;
  }
  static std::string told(const ExchangeEvent& event) {
    constexpr const char* names[] = {"accepted",        "rejected",       "filled",  "cancelled", "amended",
                                     "cancel_rejected", "amend_rejected", "funding", "borrow",    "settled"};
    std::string line = names[static_cast<std::size_t>(event.type)];
    if (event.type == ExchangeEvent::Type::filled || event.type == ExchangeEvent::Type::settled) {
      line += " " + std::to_string(event.fill.size) + "@" + std::to_string(event.fill.price);
      if (event.fill.is_maker) line += " maker";
      if (event.fill.is_liquidation) line += " liquidation";
    }
    if (event.type == ExchangeEvent::Type::funding || event.type == ExchangeEvent::Type::borrow) {
      line += " " + format_amount(event.amount);
    }
    if (event.reason != OrderReason::none) line += " " + std::string(name_of(event.reason));
    if (event.type == ExchangeEvent::Type::cancelled) line += " left " + std::to_string(event.left);
    return line;
  }

  SimExchange& exchange() { return *exchange_; }
  Account& ours() { return ours_; }
  SpecBook& specs() { return specs_; }
  Lots position() const { return ours_.position(instrument).size; }
  double cash() const { return to_double(ours_.cash("v", "USD")); }

  InstrumentId instrument = 0;  // 0 spot, 1 perpetual, 2 dated future
  std::vector<ExchangeEvent> events;

 private:
  void read(Nanos now) {
    ExchangeEvent event;
    while (exchange_->poll(now, event)) {
      ASSERT_GE(event.ts_local, event.ts_venue);
      if (!events.empty()) {
        ASSERT_GE(event.ts_local, events.back().ts_local);
      }
      using Type = ExchangeEvent::Type;
      if (event.type == Type::filled || event.type == Type::settled) ours_.apply(event.fill);
      if (event.type == Type::funding) ours_.apply_funding(event.fill.instrument, event.amount);
      if (event.type == Type::borrow) ours_.apply_borrow(event.fill.instrument, event.amount);
      ASSERT_TRUE(ours_.is_balanced());
      ASSERT_TRUE(exchange_->account().is_balanced());
      events.push_back(event);
    }
  }

  SpecBook specs_;
  FeeTable fees_;
  std::unique_ptr<SimExchange> exchange_;
  Account ours_{specs_};
  MarketRow last_;
  OrderId sent_ = 0;
};

}  // namespace millrace::testing
