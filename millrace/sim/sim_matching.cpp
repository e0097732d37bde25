#include <cmath>

#include "millrace/sim/sim_deal.h"

namespace millrace {

namespace {

using Phase = LiveOrder::Phase;

constexpr Side both_sides[] = {Side::buy, Side::sell};

/// A price in ticks that is no better for an order on `side`; 0 where there is none.
Ticks against(const InstrumentSpec& spec, Side side, double price) {
  return (side == Side::buy ? spec.ticks_up(price) : spec.ticks_down(price)).value_or(0);
}

}  // namespace

// Takers.

/// What an order on `side` meets now. Without a quote, what it may expect of the next trade.
TakerMarket SimExchange::market_for(const Listing& one, Side side) {
  VenueMarket& market = markets_[one.instrument];
  if (!market.has_quote()) return trade_for(one, side);
  const Lots displayed = one.spec->lots(market.touch_size(side)).value_or(0);
  return {.side = side,
          .touch = against(*one.spec, side, market.touch(side)),
          .displayed = std::max<Lots>(displayed - market.taken(side), 0),
          .beyond = market.beyond(side),
          .impact = market.impact(*one.spec, options_.impact_y, options_.assumed_impact_bps)};
}

/// The newest trade as what an order on `side` meets: at half the assumed spread from its price, and its own size.
TakerMarket SimExchange::trade_for(const Listing& one, Side side) const {
  const VenueMarket& market = markets_[one.instrument];
  const double half = 1e-4 * options_.assumed_half_spread_bps;
  const double price = market.row.price > 0.0 ? market.row.price : market.mark();
  return {.side = side,
          .touch = against(*one.spec, side, side == Side::buy ? price * (1.0 + half) : price / (1.0 + half)),
          .displayed = trade_left_ == unsized ? 0 : trade_left_,
          .impact = market.impact(*one.spec, options_.impact_y, options_.assumed_impact_bps)};
}

/// Fills what the order gets of `market`; false where it is gone. `is_quoted`: the size is the quote's, else the
/// newest trade's.
bool SimExchange::take(Listing& one, LiveOrder& live, const TakerMarket& met, bool is_quoted) {
  VenueMarket& market = markets_[one.instrument];
  const auto limit = live.has_limit() ? std::optional(live.order.limit) : std::nullopt;
  const TakerPlan plan = plan_taker(met, *one.spec, live.left, limit);
  if (live.order.time_in_force == TimeInForce::fok && plan.total() < live.left) {
    end(live, OrderReason::not_fillable);
    return false;
  }
  if (plan.total() == 0) return true;
  remove_own(one, live, limit && plan.total() < live.left ? *limit : plan.worst());
  const Side side = live.order.side;
  const bool has_quote = market.has_quote();
  Deal deal{.size = plan.touch.size, .price = plan.touch.price};
  deal.mid = has_quote ? 0.5 * (market.row.bid + market.row.ask) : market.row.price;
  deal.touch = has_quote ? market.touch(side) : one.spec->price(met.touch);
  if (deal.size > 0) {
    const Lots filled = fill(one, live, deal);
    if (is_quoted) {
      market.taken(side) += filled;
    } else if (trade_left_ != unsized) {
      trade_left_ -= filled;
    }
    stats_.unquoted_fills += !has_quote;
  }
  if (plan.beyond.size > 0 && live.phase != Phase::gone) {
    deal.size = plan.beyond.size;
    deal.price = plan.beyond.price;
    const Lots filled = fill(one, live, deal);
    if (is_quoted) market.beyond(side) += filled;
    stats_.unquoted_fills += !has_quote;
    stats_.assumed_impact_fills += !met.impact.is_known();
  }
  return live.phase != Phase::gone;
}

/// Takes for an order that waited for a market; what it costs is known only now.
void SimExchange::meet(Listing& one, LiveOrder& live, const TakerMarket& met, bool is_quoted) {
  const LiveOrder asked = live;
  live.phase = Phase::gone;  // of itself it reserves nothing
  const OrderReason reason = afford(one, asked);
  live.phase = Phase::resting;
  if (reason != OrderReason::none) return end(live, reason);
  if (take(one, live, met, is_quoted)) leave_rest(one, live);
}

/// No order meets one of ours: what `taker` would reach of them ends first.
void SimExchange::remove_own(Listing& one, const LiveOrder& taker, Ticks reach) {
  const Side side = opposite(taker.order.side);
  for (LiveOrder& live : one.orders) {
    if (!live.rests_at(side)) continue;
    const bool is_reached = taker.is_buy() ? live.order.limit <= reach : live.order.limit >= reach;
    if (is_reached) end(live, OrderReason::self_trade);
  }
}

// Makers.

SimExchange::Deal SimExchange::maker_deal(const Listing& one, const LiveOrder& live, Lots size) const {
  const VenueMarket& market = markets_[one.instrument];
  Deal deal{.size = size, .price = live.order.limit, .is_maker = true};
  deal.mid = market.has_quote() ? 0.5 * (market.row.bid + market.row.ask) : market.row.price;
  deal.touch = one.spec->price(live.order.limit);
  if (market.has_quote()) deal.touch = live.is_buy() ? market.row.bid : market.row.ask;
  return deal;
}

void SimExchange::on_trade(Listing& one) {
  const VenueMarket& market = markets_[one.instrument];
  if (!market.has_quote()) {
    for (LiveOrder& live : one.orders) {
      if (live.phase == Phase::awaiting) meet(one, live, trade_for(one, live.order.side), false);
    }
  }
  const double traded = market.row.price;
  for (const Side side : both_sides) {
    // A ticker's or a bar's price may be one of several: only a price beyond the limit says that it was reached.
    const bool is_at_level = market.row.kind == Kind::trade && trade_left_ != unsized && market.row.side != side;
    const Reach& reach = one.reach(side);
    const bool is_reached = side == Side::buy ? traded <= reach.high : traded >= reach.low;
    if (!is_at_level && !is_reached) continue;
    const Ticks price = against(*one.spec, side, traded);
    if (Level& level = counted(one, side); is_at_level && price == level.price) {
      level.traded += static_cast<double>(trade_left_);
    }
    if (is_reached) serve(one, side, price, is_at_level);
  }
}

/// Shares the trade at `price` out to what rests on `side`, best prices first, then by time.
void SimExchange::serve(Listing& one, Side side, Ticks price, bool is_at_level) {
  const Lots size = trade_left_;
  std::vector<LiveOrder*> reached;
  for (LiveOrder& live : one.orders) {
    if (!live.rests_at(side)) continue;
    const Ticks beyond = (live.order.limit - price) * sign_of(side);
    if (beyond > 0 || (beyond == 0 && is_at_level)) reached.push_back(&live);
  }
  std::stable_sort(reached.begin(), reached.end(), [&](const LiveOrder* a, const LiveOrder* b) {
    return (a->order.limit - b->order.limit) * sign_of(side) > 0;
  });
  double others = 0.0;  // of this trade, at the level, to those before us
  for (LiveOrder* live : reached) {
    QueuePlace& place = live->place;
    Lots mine = trade_left_;
    if (live->order.limit == price) {
      if (place.ahead == QueuePlace::unknown) continue;
      place.explain(static_cast<double>(size), now_);
      const double room = static_cast<double>(trade_left_);  // for others and us
      others += std::clamp(place.ahead - others, 0.0, std::max(room - others, 0.0));
      place.ahead = std::max(place.ahead - others, 0.0);
      mine = static_cast<Lots>(std::floor(room - others));
    } else {
      place.ahead = 0.0;
    }
    if (mine <= 0) continue;
    const Lots filled = fill(one, *live, maker_deal(one, *live, std::min(mine, live->left)));
    if (trade_left_ == unsized) {
      ++stats_.unsized_fills;
    } else {
      trade_left_ -= filled;
    }
  }
}

// Quotes.

/// The level with its ticks and lots.
Level& SimExchange::counted(Listing& one, Side side) {
  Level& level = one.level(side);
  if (level.is_counted) return level;
  level.is_counted = true;
  level.price = against(*one.spec, opposite(side), level.quoted);
  const auto lots = level.quoted_size >= 0.0 ? one.spec->lots(level.quoted_size) : std::nullopt;
  level.size = lots ? static_cast<double>(*lots) : QueuePlace::unknown;
  return level;
}

/// The level that the newest quote shows. What was traded there counts while price and size stay as they are.
Level& SimExchange::newest_level(Listing& one, Side side) {
  const MarketRow& row = markets_[one.instrument].row;
  Level& level = counted(one, side);
  const Ticks last_price = level.price;
  const double last_size = level.size;
  level.quoted = side == Side::buy ? row.bid : row.ask;
  level.quoted_size = side == Side::buy ? row.bid_size : row.ask_size;
  level.is_counted = false;
  counted(one, side);
  if (level.price != last_price || level.size != last_size) level.traded = 0.0;
  return level;
}

void SimExchange::on_quote(Listing& one) {
  const MarketRow& row = markets_[one.instrument].row;
  if (!one.bid.shows(row.bid, row.bid_size)) on_level(one, Side::buy, row.bid, row.bid_size);
  if (!one.ask.shows(row.ask, row.ask_size)) on_level(one, Side::sell, row.ask, row.ask_size);
  if (row.bid < row.ask) {
    if (row.ask <= one.buys.high) cross(one, Side::buy);
    if (row.bid >= one.sells.low) cross(one, Side::sell);
  }
  if (!one.has_waiting) return;
  for (LiveOrder& live : one.orders) {
    if (live.phase == Phase::awaiting) meet(one, live, market_for(one, live.order.side), true);
  }
}

/// Moves places in the queue by what the quote of `side` tells.
void SimExchange::on_level(Listing& one, Side side, double quoted, double quoted_size) {
  Level& level = one.level(side);
  const Reach& reach = one.reach(side);
  if (!reach.holds(level.quoted) && !reach.holds(quoted)) {
    level.quoted = quoted;
    level.quoted_size = quoted_size;
    level.traded = 0.0;
    level.is_counted = false;
    return;
  }
  counted(one, side);
  const Ticks last_price = level.price;
  const double last_size = level.size, before = last_size - level.traded;
  newest_level(one, side);
  if (level.price == last_price && level.size == last_size) return;
  const bool is_same = level.price == last_price;
  const bool is_worse = (last_price - level.price) * sign_of(side) > 0;
  // A level that is no longer the best, with a worse one in its place, is empty.
  const double gone = is_worse ? before : is_same ? before - level.size : 0.0;
  for (LiveOrder& live : one.orders) {
    if (!live.rests_at(side)) continue;
    if (live.order.limit == last_price && gone > 0.0 && std::isfinite(gone) &&
        options_.queue == QueueModel::probabilistic) {
      live.place.on_cancels(before, gone, options_.queue_power, now_);
    }
    // Nobody is before us who is not displayed.
    if (!is_same && live.order.limit == level.price) live.place.ahead = std::min(live.place.ahead, level.size);
  }
}

/// An offer below our bid would have met it: fills up to its size, at our price.
void SimExchange::cross(Listing& one, Side side) {
  VenueMarket& market = markets_[one.instrument];
  const Ticks best = counted(one, opposite(side)).price;
  for (LiveOrder& live : one.orders) {
    if (!live.rests_at(side) || (live.order.limit - best) * sign_of(side) <= 0) continue;
    const double size = market.touch_size(side);
    const bool is_sized = size >= 0.0;
    const Lots there = is_sized ? one.spec->lots(size).value_or(0) - market.taken(side) : live.left;
    if (there <= 0) continue;
    const Lots filled = fill(one, live, maker_deal(one, live, std::min(there, live.left)));
    if (is_sized) market.taken(side) += filled;
    stats_.unsized_fills += !is_sized;
  }
}

// Stops.

void SimExchange::pull_triggers(Listing& one) {
  const VenueMarket& market = markets_[one.instrument];
  const bool is_trade = market.row.has_trade() && market.row.price > 0.0;
  if (!is_trade && (market.has_prices() || !market.has_quote())) return;
  for (LiveOrder& live : one.orders) {
    if (live.phase != Phase::stopped) continue;
    const auto price = one.spec->ticks(is_trade ? market.row.price : market.touch(live.order.side));
    if (price) pull(one, live, *price, is_trade);
  }
}

/// Moves a trailing stop's trigger; what is triggered is a market order from now on. `is_trade`: by the newest row's
/// trade, so that it gets no better price than that.
void SimExchange::pull(Listing& one, LiveOrder& live, Ticks price, bool is_trade) {
  if (live.order.type == OrderType::trailing_stop) {
    live.trigger = live.is_buy() ? std::min(live.trigger, price + live.order.trail)
                                 : std::max(live.trigger, price - live.order.trail);
  }
  if (live.is_buy() ? price < live.trigger : price > live.trigger) return;
  live.order.type = OrderType::market;
  live.order.time_in_force = TimeInForce::ioc;
  if (const OrderReason reason = afford(one, live); reason != OrderReason::none) return end(live, reason);
  const VenueMarket& market = markets_[one.instrument];
  if (!market.has_quote() && !is_trade) {
    live.phase = Phase::awaiting;
    return;
  }
  TakerMarket met = market_for(one, live.order.side);
  bool is_quoted = market.has_quote();
  if (is_quoted && is_trade) {
    const Ticks traded = against(*one.spec, live.order.side, market.row.price);
    if (live.is_buy() ? traded > met.touch : traded < met.touch) {  // the quote has yet to follow
      met.touch = traded;
      met.displayed = trade_left_ == unsized ? 0 : trade_left_;
      met.beyond = 0;
      is_quoted = false;
    }
  }
  if (take(one, live, met, is_quoted)) end(live, OrderReason::unfilled_rest);
}

// Fills.

/// Books a fill of up to `deal.size` and tells of it; how much it was.
Lots SimExchange::fill(Listing& one, LiveOrder& live, const Deal& deal) {
  Lots size = std::min(deal.size, live.left);
  if (live.order.is_reduce_only) {
    const Lots open = -account_.position(one.instrument).size * sign_of(live.order.side);
    size = std::min(size, std::max<Lots>(open, 0));
    if (size == 0) {
      end(live, OrderReason::would_not_reduce);
      return 0;
    }
  }
  live.left -= size;
  ExchangeEvent event{.type = ExchangeEvent::Type::filled, .is_final = live.left == 0, .order = live.order.id};
  event.left = live.left;
  event.fill = {.order = live.order.id,
                .instrument = one.instrument,
                .side = live.order.side,
                .price = deal.price,
                .size = size,
                .is_maker = deal.is_maker,
                .mid = deal.mid,
                .touch = deal.touch};
  const FeeTier& tier = one.fees->applied();
  const double bps = deal.is_maker ? tier.maker_bps : tier.taker_bps;
  const double worth = std::abs(to_double(one.spec->value(size, deal.price)));
  event.fill.fee = to_amount(1e-4 * bps * worth).value_or(most_amount);
  if (event.is_final) {
    live.phase = Phase::gone;
    home_.erase(live.order.id);
  }
  book(one, event);
  ++(deal.is_maker ? stats_.maker_fills : stats_.taker_fills);
  return size;
}

void SimExchange::book(Listing& one, const ExchangeEvent& event) {
  accrue(one);
  // A stamp that has passed is not paid for by who comes after it.
  if (account_.position(one.instrument).size == 0) one.funded_until = std::max(one.funded_until, now_);
  account_.apply(event.fill);
  accrue(one);
  has_changed_ = true;
  emit(event, one.instrument);
}

}  // namespace millrace
