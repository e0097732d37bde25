#include <cmath>

#include "millrace/sim/sim_deal.h"

namespace millrace {

namespace {

using Phase = LiveOrder::Phase;

}  // namespace

void SimExchange::arrive(const Message& message) {
  switch (message.kind) {
    case Message::Kind::submit: return arrive_order(message.order);
    case Message::Kind::cancel: return arrive_cancel(message.order.id);
    case Message::Kind::amend: return arrive_amend(message.order);
  }
}

LiveOrder* SimExchange::find_live(OrderId order) {
  const auto home = home_.find(order);
  if (home == home_.end()) return nullptr;
  for (LiveOrder& live : listings_[home->second].orders) {
    if (live.order.id == order && live.phase != Phase::gone) return &live;
  }
  return nullptr;
}

/// Takes what is left of the order off the venue.
void SimExchange::end(LiveOrder& live, OrderReason reason) {
  ExchangeEvent event{.type = ExchangeEvent::Type::cancelled, .reason = reason, .is_final = true};
  event.order = live.order.id;
  event.left = live.left;
  live.phase = Phase::gone;
  has_changed_ = true;
  home_.erase(live.order.id);
  emit(event, live.order.instrument);
}

// Orders.

/// What the venue looks at before it asks for money. `size` becomes what is left of a reduce-only order.
OrderReason SimExchange::judge(const Listing& one, const Order& order, Lots& size) {
  const VenueMarket& market = markets_[one.instrument];
  if (one.spec->expiry != no_time && now_ >= one.spec->expiry) return OrderReason::no_market;
  if (!(market.mark() > 0.0)) return OrderReason::no_market;
  if (const OrderReason reason = judge_terms(one, order, size); reason != OrderReason::none) return reason;
  if (one.orders.size() >= options_.most_open_orders) return OrderReason::too_many_orders;
  if (order.is_reduce_only) {
    const Lots position = account_.position(one.instrument).size;
    if (position * sign_of(order.side) >= 0) return OrderReason::would_not_reduce;
    size = std::min(size, std::abs(position));
  }
  return OrderReason::none;
}

OrderReason SimExchange::judge_terms(const Listing& one, const Order& order, Lots size) const {
  const InstrumentSpec& spec = *one.spec;
  if (size <= 0 || order.side == Side::unknown) return OrderReason::bad_size;
  if (order.type == OrderType::limit && order.limit <= 0) return OrderReason::bad_price;
  if (order.type == OrderType::stop && order.trigger <= 0) return OrderReason::bad_price;
  if (order.type == OrderType::trailing_stop && order.trail <= 0) return OrderReason::bad_price;
  double price = markets_[one.instrument].mark();
  if (order.type == OrderType::limit) price = spec.price(order.limit);
  if (order.type == OrderType::stop) price = spec.price(order.trigger);
  const double notional = spec.notional(size, price);
  if (!(notional < to_double(most_amount))) return OrderReason::bad_size;
  if (order.is_reduce_only) return OrderReason::none;  // a rest below the minimum can still be closed
  if (size < spec.min_size) return OrderReason::bad_size;
  return notional < to_double(spec.min_notional) ? OrderReason::below_minimum_notional : OrderReason::none;
}

bool SimExchange::would_take(const Listing& one, const LiveOrder& live) {
  const TakerMarket market = market_for(one, live.order.side);
  return market.touch > 0 && live.allows(market.touch);
}

void SimExchange::arrive_order(const Order& order) {
  Listing& one = listings_[order.instrument];
  LiveOrder live{.order = order, .left = order.size, .trigger = order.trigger};
  OrderReason reason = judge(one, order, live.left);
  if (reason == OrderReason::none && order.is_post_only) {
    bool is_crossing = !live.has_limit() || would_take(one, live);
    for (const LiveOrder& other : one.orders) {
      is_crossing |= other.rests_at(opposite(order.side)) && live.allows(other.order.limit);
    }
    if (is_crossing) reason = OrderReason::would_take;
  }
  if (reason == OrderReason::none && !live.is_stop()) reason = afford(one, live);
  if (reason == OrderReason::none && order.time_in_force == TimeInForce::fok && !live.is_stop() &&
      markets_[one.instrument].has_quote()) {
    const auto limit = live.has_limit() ? std::optional(order.limit) : std::nullopt;
    const TakerPlan plan = plan_taker(market_for(one, order.side), *one.spec, live.left, limit);
    if (plan.total() < live.left) reason = OrderReason::not_fillable;
  }
  ExchangeEvent event{.order = order.id, .left = live.left, .limit = order.limit};
  if (reason != OrderReason::none) {
    ++stats_.rejected;
    event.type = ExchangeEvent::Type::rejected;
    event.reason = reason;
    event.is_final = true;
    home_.erase(order.id);
    return emit(event, one.instrument);
  }
  emit(event, one.instrument);
  one.orders.push_back(live);
  enter(one, one.orders.back());
  settle_up(one);
  refresh_health(one.wallet);
}

/// Brings an accepted order to the market: it takes what it can, and waits with the rest.
void SimExchange::enter(Listing& one, LiveOrder& live) {
  const VenueMarket& market = markets_[one.instrument];
  if (live.is_stop()) {
    live.phase = Phase::stopped;
    const bool is_trade = market.has_prices();
    const auto price = one.spec->ticks(is_trade ? market.row.price : market.touch(live.order.side));
    if (live.order.type == OrderType::trailing_stop) {
      live.trigger = live.is_buy() ? INT64_MAX : INT64_MIN;
    }
    if (price) pull(one, live, *price, false);
    return;
  }
  if (!would_take(one, live)) return leave_rest(one, live);
  if (!market.has_quote()) {
    live.phase = Phase::awaiting;
  } else if (take(one, live, market_for(one, live.order.side), true)) {
    leave_rest(one, live);
  }
}

/// What becomes of the part of an order that found nothing to take.
void SimExchange::leave_rest(Listing& one, LiveOrder& live) {
  if (live.phase == Phase::gone) return;
  if (live.order.time_in_force == TimeInForce::fok) return end(live, OrderReason::not_fillable);
  if (!live.has_limit() || live.order.time_in_force == TimeInForce::ioc) return end(live, OrderReason::unfilled_rest);
  rest(one, live);
}

void SimExchange::rest(Listing& one, LiveOrder& live) {
  remove_own(one, live, live.order.limit);
  live.phase = Phase::resting;
  live.place = {};
  one.widen_reach(live);
  if (!markets_[one.instrument].has_quote()) return;
  const Level& level = newest_level(one, live.order.side);
  const Ticks improvement = (live.order.limit - level.price) * sign_of(live.order.side);
  if (improvement > 0) live.place.ahead = 0.0;
  if (improvement == 0) live.place.ahead = level.size;
}

// Changes.

void SimExchange::arrive_cancel(OrderId order) {
  LiveOrder* live = find_live(order);
  if (live == nullptr) {
    ExchangeEvent event{.type = ExchangeEvent::Type::cancel_rejected, .reason = OrderReason::unknown_order};
    event.order = order;
    return emit(event, no_instrument);
  }
  Listing& one = listings_[live->order.instrument];
  end(*live, OrderReason::by_request);
  settle_up(one);
}

void SimExchange::arrive_amend(const Order& change) {
  LiveOrder* live = find_live(change.id);
  const InstrumentId instrument = live == nullptr ? no_instrument : live->order.instrument;
  const OrderReason reason =
      live == nullptr ? OrderReason::unknown_order : amend_live(listings_[instrument], *live, change);
  if (reason != OrderReason::none) {
    ExchangeEvent event{.type = ExchangeEvent::Type::amend_rejected, .reason = reason, .order = change.id};
    if (live != nullptr) {
      event.left = live->left;
      event.limit = live->order.limit;
    }
    emit(event, instrument);
  }
  if (live == nullptr) return;
  settle_up(listings_[instrument]);
  refresh_health(listings_[instrument].wallet);
}

/// Changes the order, or says why not and leaves it as it is.
OrderReason SimExchange::amend_live(Listing& one, LiveOrder& live, const Order& change) {
  LiveOrder changed = live;
  changed.left = change.size;
  if (live.order.type == OrderType::stop) changed.order.trigger = changed.trigger = change.limit;
  if (live.has_limit()) changed.order.limit = change.limit;
  if (const OrderReason reason = judge_terms(one, changed.order, change.size); reason != OrderReason::none) {
    return reason;
  }
  ExchangeEvent event{.type = ExchangeEvent::Type::amended, .order = change.id, .left = change.size};
  event.limit = change.limit;
  const bool keeps_place = changed.order.limit == live.order.limit && change.size <= live.left;
  if (keeps_place || live.phase != Phase::resting) {
    if (live.phase == Phase::awaiting && !keeps_place) return OrderReason::unknown_order;  // it is being filled
    live = changed;
    emit(event, one.instrument);
    return OrderReason::none;
  }
  if (live.order.is_post_only && would_take(one, changed)) return OrderReason::would_take;
  live.phase = Phase::gone;  // its own reservation is free for what it becomes
  const OrderReason reason = afford(one, changed);
  live.phase = Phase::resting;
  if (reason != OrderReason::none) return reason;
  emit(event, one.instrument);
  one.orders.erase(one.orders.begin() + (&live - one.orders.data()));
  one.orders.push_back(changed);
  enter(one, one.orders.back());
  return OrderReason::none;
}

}  // namespace millrace
