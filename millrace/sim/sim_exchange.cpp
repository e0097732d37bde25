#include "millrace/sim/sim_exchange.h"

#include "millrace/base/error.h"

namespace millrace {

SimExchange::SimExchange(const SpecBook& specs, const FeeTable& fees, const SimOptions& options)
    : specs_(specs),
      fees_(fees),
      options_(options),
      account_(specs),
      order_latency_(options.order_latency, options.seed, LatencyStream::Kind::order),
      ack_latency_(options.ack_latency, options.seed, LatencyStream::Kind::ack) {
  if (options.queue == QueueModel::by_level) {
    fail(Fault::config,
         "queue: expected conservative or probabilistic, was by_level: rows hold the best prices only, "
         "and this model needs the depth behind them");
  }
  const auto check = [](double value, double most, const char* name) {
    if (!(value >= 0.0 && value <= most)) fail(Fault::config, "{}: expected 0 to {}, was {}", name, most, value);
  };
  check(options.impact_y, 100.0, "impact_y");
  check(options.queue_power, 100.0, "queue_power");
  check(options.assumed_impact_bps, 10'000.0, "assumed_impact_bps");
  check(options.assumed_half_spread_bps, 10'000.0, "assumed_half_spread_bps");
  check(options.liquidation_fee_bps, 10'000.0, "liquidation_fee_bps");
}

// Rows.

void SimExchange::prepare(InstrumentId instrument, Nanos ts) {
  if (instrument >= markets_.size()) {
    markets_.resize(instrument + 1);
    listings_.resize(instrument + 1);
  }
  advance(ts);
  // A payment due at T is made on what was known before T; a message that arrives at T meets the row of T.
  while (stamp_ <= ts) pay_due();
}

/// Plays the newest row of `market`, which the instrument's orders and positions depend on.
void SimExchange::play(VenueMarket& market, Nanos stamp_before) {
  const MarketRow& row = market.row;
  Listing& one = listings_[row.instrument];
  now_ = std::max(now_, row.ts_event);
  if (row.kind == Kind::funding && row.next_funding_ns == no_time) pay_funding(one);
  if (!one.orders.empty()) {
    if (row.price > 0.0 && market.is_new_volume()) {
      trade_left_ = row.size > 0.0 ? one.spec->lots(row.size).value_or(0) : unsized;
      on_trade(one);
    }
    if (market.has_quote()) on_quote(one);
    if (one.has_waiting) pull_triggers(one);
    trade_left_ = 0;
  }
  const bool has_changed = has_changed_;
  if (has_changed) {
    settle_up(one);
    refresh_health(one.wallet);
    if (health_[one.wallet] < 0.0) liquidate(one.wallet);
  }
  if (const double mark = market.mark(); !one.is_calm(mark)) on_mark(one, mark);
  if (has_changed || row.next_funding_ns != stamp_before) plan_due();
}

void SimExchange::advance(Nanos until) {
  while (due_ < until) {
    if (stamp_ <= due_) {
      pay_due();
      continue;
    }
    const Message message = in_flight_.top();
    in_flight_.pop();
    now_ = std::max(now_, message.at);
    arrive(message);
    plan_due();
  }
}

/// Ends what a row or a message did to the orders of `one`.
void SimExchange::settle_up(Listing& one) {
  has_changed_ = false;
  const Lots position = account_.position(one.instrument).size;
  for (LiveOrder& live : one.orders) {
    if (live.phase == LiveOrder::Phase::gone || !live.order.is_reduce_only) continue;
    if (position * sign_of(live.order.side) >= 0) end(live, OrderReason::would_not_reduce);
  }
  std::erase_if(one.orders, [](const LiveOrder& live) { return live.phase == LiveOrder::Phase::gone; });
  if (one.orders.empty()) one.bid = one.ask = {};
  one.buys = one.sells = {};
  one.has_waiting = false;
  for (const LiveOrder& live : one.orders) {
    if (live.phase == LiveOrder::Phase::resting) {
      one.widen_reach(live);
    } else {
      one.has_waiting = true;
    }
  }
  const bool is_margined = position != 0 && (one.spec->is_derivative() || position < 0);
  markets_[one.instrument].is_watched = is_margined || !one.orders.empty();
  const bool is_active = position != 0 || one.interest > 0.0 || !one.orders.empty();
  if (is_active == one.is_active) return;
  one.is_active = is_active;
  const auto at = std::lower_bound(active_.begin(), active_.end(), one.instrument);
  if (is_active) {
    active_.insert(at, one.instrument);
  } else {
    active_.erase(at);
  }
}

void SimExchange::plan_due() {
  stamp_ = INT64_MAX;
  for (const InstrumentId instrument : active_) stamp_ = std::min(stamp_, next_stamp(listings_[instrument]));
  due_ = std::min(stamp_, in_flight_.empty() ? INT64_MAX : in_flight_.top().at);
}

Listing& SimExchange::listing(InstrumentId instrument) {
  if (instrument >= markets_.size()) {
    markets_.resize(instrument + 1);
    listings_.resize(instrument + 1);
  }
  Listing& one = listings_[instrument];
  if (one.spec != nullptr) return one;
  const InstrumentSpec& spec = specs_[instrument];
  one.instrument = instrument;
  one.fees = fees_.find(spec.venue);
  if (one.fees == nullptr) {
    fail(Fault::config, "fees: expected a table of venue `{}`, for an order of {}; there is none", spec.venue,
         spec.symbol);
  }
  one.venue = connection(spec.venue);
  one.wallet = static_cast<std::uint32_t>(&account_.wallet_of(instrument) - account_.wallets().data());
  if (health_.size() < account_.wallets().size()) health_.resize(account_.wallets().size());
  one.spec = &spec;
  return one;
}

// Messages.

std::uint32_t SimExchange::connection(const std::string& venue) {
  const auto at =
      std::find_if(connections_.begin(), connections_.end(), [&](const Connection& one) { return one.venue == venue; });
  const auto place = static_cast<std::uint32_t>(at - connections_.begin());
  if (at == connections_.end()) connections_.push_back({.venue = venue});
  return place;
}

const MarketRow* SimExchange::newest_row(InstrumentId instrument) const {
  if (instrument == no_instrument) instrument = newest_;
  return instrument < markets_.size() && markets_[instrument].is_known() ? &markets_[instrument].row : nullptr;
}

void SimExchange::submit(const Order& order) {
  Message message{.kind = Message::Kind::submit, .order = order};
  if (order.instrument >= specs_.size()) return refuse(message, OrderReason::no_market, order.sent);
  listing(order.instrument);
  ++stats_.orders;
  send(message, order.instrument, order.sent);
}

void SimExchange::cancel(OrderId order, Nanos now) {
  Message message{.kind = Message::Kind::cancel};
  message.order.id = order;
  const auto home = home_.find(order);
  send(message, home == home_.end() ? no_instrument : home->second, now);
}

void SimExchange::amend(OrderId order, Ticks limit, Lots left, Nanos now) {
  Message message{.kind = Message::Kind::amend};
  message.order.id = order;
  message.order.limit = limit;
  message.order.size = left;
  const auto home = home_.find(order);
  send(message, home == home_.end() ? no_instrument : home->second, now);
}

void SimExchange::send(Message message, InstrumentId instrument, Nanos now) {
  if (in_flight_.size() >= SimOptions::most_in_flight) return refuse(message, OrderReason::too_many_orders, now);
  if (message.kind == Message::Kind::submit && !home_.emplace(message.order.id, instrument).second) {
    fail(Fault::state, "simulated exchange: expected an order with a new id, was {}, which is open", message.order.id);
  }
  message.at = now + order_latency_.next(newest_row(instrument));
  if (instrument != no_instrument) {  // of an unknown order it does not matter when the venue says so
    Nanos& last = connections_[listings_[instrument].venue].last_arrival;
    message.at = last = std::max(last, message.at);
  }
  message.number = messages_++;
  due_ = std::min(due_, message.at);
  in_flight_.push(message);
}

/// Answers at once what does not reach a venue.
void SimExchange::refuse(const Message& message, OrderReason reason, Nanos now) {
  using Type = ExchangeEvent::Type;
  constexpr Type types[] = {Type::rejected, Type::cancel_rejected, Type::amend_rejected};
  ExchangeEvent event{.type = types[static_cast<std::size_t>(message.kind)], .reason = reason};
  event.order = message.order.id;
  event.is_final = message.kind == Message::Kind::submit;
  event.ts_venue = event.ts_local = now;
  answer(event);
}

// Answers.

void SimExchange::emit(ExchangeEvent event, InstrumentId instrument) {
  event.ts_venue = now_;
  event.ts_local = now_ + ack_latency_.next(newest_row(instrument));
  if (instrument != no_instrument) {
    Nanos& last = connections_[listings_[instrument].venue].last_answer;
    event.ts_local = last = std::max(last, event.ts_local);
  }
  answer(event);
}

void SimExchange::answer(const ExchangeEvent& event) {
  if (events_.size() >= SimOptions::most_unread_events) {
    fail(Fault::state, "simulated exchange: expected its answers to be polled, {} are unread", events_.size());
  }
  events_.push({.event = event, .number = answers_++});
}

bool SimExchange::poll(Nanos now, ExchangeEvent& event) {
  if (events_.empty() || events_.top().event.ts_local > now) return false;
  event = events_.top().event;
  events_.pop();
  return true;
}

std::size_t SimExchange::open_orders(InstrumentId instrument) const {
  return instrument < listings_.size() ? listings_[instrument].orders.size() : 0;
}

}  // namespace millrace
