#include <algorithm>
#include <cmath>
#include <utility>

#include "millrace/trading/desk.h"
#include "millrace/trading/impact.h"

// How orders leave the desk, and what their answers do to it.

namespace millrace {

namespace {

constexpr Nanos rejects_window = 60 * one_second;

}  // namespace

double Desk::round_trip_cost_bps(InstrumentId instrument, Lots size) const {
  const MarketRow row = last(instrument);
  const double middle = row.mark();
  const double spread = row.has_quote() ? 1e4 * (row.ask - row.bid) / middle : 2.0 * options_.assumed_half_spread_bps;
  const double shown = row.has_quote() ? std::min(row.bid_size, row.ask_size) : no_value;
  const double beyond = std::isfinite(shown) ? std::max(0.0, spec(instrument).size(size) - shown) : 0.0;
  const double volume = guards(instrument)[static_cast<std::size_t>(GuardColumn::volume_24h)];
  return 2.0 * fees(instrument).applied().taker_bps + spread + 2.0 * impact_bps(beyond, volume);
}

bool Desk::reduces(const OrderRequest& request) const {
  const Lots held = position(request.instrument);
  if (held == 0 || (held > 0) == (request.side == Side::buy)) return false;
  return request.size <= std::abs(held);
}

void Desk::exposures(const OrderRequest& request, OrderId replaced, GuardRequest& out) const {
  // Open orders count as filled, each on the side that makes it worse; those that only reduce do not count.
  const auto signed_size = [](const OrderRequest& one, Lots left) {
    return one.is_reduce_only ? 0 : sign_of(one.side) * left;
  };
  for (InstrumentId id = 0; id < seats_.size(); ++id) {
    if (!seats_[id].is_listed && seats_[id].open_orders == 0 && id != request.instrument) continue;
    Lots longest = std::max<Lots>(position(id), 0), shortest = std::min<Lots>(position(id), 0);
    Lots planned = position(id);
    const auto add = [&](Lots change) {
      (change > 0 ? longest : shortest) += change;
      planned += change;
    };
    for (const auto& [order, one] : open_) {
      if (one.record.order.instrument != id || order == replaced) continue;
      add(signed_size(one.record.order, std::max(one.left, one.asked)));
    }
    if (id == request.instrument) add(signed_size(request, request.size));
    const double worst = std::max(std::abs(exposure(id, std::max(longest, position(id)))),
                                  std::abs(exposure(id, std::min(shortest, position(id)))));
    out.gross += worst;
    out.net += exposure(id, planned);
    if (id == request.instrument) out.name = worst;
  }
}

/// The guards' columns are those of its newest row: of an instrument that has gone silent they say nothing.
bool Desk::is_silent(const MarketRow& row) const {
  const bool is_known = row.ts_event != no_time;  // of one without rows the columns are null, which never passes
  return options_.scope.has_quotes && is_known && now_ - row.ts_event > options_.limits.quote_age_max;
}

OrderReason Desk::objection_to_opening(InstrumentId instrument) const {
  const MarketRow row = last(instrument);
  if (row.ts_event == no_time || is_silent(row)) return OrderReason::stale_data;
  const OrderRequest least{.instrument = instrument, .side = Side::buy, .size = spec(instrument).min_size};
  return first_objection(options_.limits, options_.scope,
                         {.order = &least,
                          .spec = &spec(instrument),
                          .price = row.mark(),
                          .reference = row.mark(),
                          .values = guards(instrument),
                          .equity = equity(),
                          .day_start_equity = day_start_equity_,
                          .is_killed = is_killed_});
}

OrderReason Desk::judge(const OrderRequest& request, const Decision& decision, OrderId replaced,
                        double& cost_bps) const {
  if (request.size < spec(request.instrument).min_size) return OrderReason::size_below_minimum;
  if (open_.size() >= most_open_orders) return OrderReason::too_many_orders;
  const MarketRow row = last(request.instrument);
  const double touch = request.side == Side::buy ? row.ask : row.bid;
  GuardRequest judged{.order = &request,
                      .spec = &spec(request.instrument),
                      .is_reducing = request.is_reduce_only || decision.is_hedge || reduces(request),
                      .reference = row.mark(),
                      .values = guards(request.instrument),
                      .equity = equity(),
                      .day_start_equity = day_start_equity_,
                      .is_killed = is_killed_};
  judged.price = request.type == OrderType::limit ? spec(request.instrument).price(request.limit)
                 : touch > 0.0                    ? touch
                                                  : row.mark();
  if (!judged.is_reducing) exposures(request, replaced, judged);
  if (!judged.is_reducing && is_silent(row)) return OrderReason::stale_data;
  const OrderReason objection = first_objection(options_.limits, options_.scope, judged);
  if (objection != OrderReason::none) return objection;
  if (decision.is_entry && std::isfinite(decision.expected_gain_bps)) {
    cost_bps = round_trip_cost_bps(request.instrument, request.size);
    if (!pays(decision.expected_gain_bps, cost_bps)) return OrderReason::no_edge;
  }
  return OrderReason::none;
}

OrderReason Desk::objection_to(const OrderRequest& request, const Decision& decision) const {
  double cost_bps = no_value;
  return judge(request, decision, 0, cost_bps);
}

OrderId Desk::send(const OrderRequest& request, const Decision& decision) {
  OrderRecord record{.decided = last(request.instrument).ts_event,
                     .decision_mid = mark(request.instrument),
                     .expected_gain_bps = decision.expected_gain_bps,
                     .why = std::string(decision.why)};
  static_cast<OrderRequest&>(record.order) = request;
  record.order.sent = now_;
  record.order.id = next_order_++;
  objection_ = judge(request, decision, 0, record.expected_cost_bps);
  if (objection_ == OrderReason::none && !throttle(request.instrument).passes_order(now_)) {
    objection_ = OrderReason::rate_limit;
  }
  if (objection_ != OrderReason::none) {
    block(std::move(record), objection_);
    return 0;
  }
  const Order order = record.order;
  ++seat(request.instrument).open_orders;
  open_.emplace(order.id, OpenOrder{.record = std::move(record), .left = order.size, .limit = order.limit});
  exchange_.submit(order);
  return order.id;
}

void Desk::block(OrderRecord record, OrderReason reason) {
  record.status = "blocked";
  record.reason = reason;
  record.ended = now_;
  log_.orders.push_back(std::move(record));
}

Throttle& Desk::throttle(InstrumentId instrument) {
  const std::string& venue = spec(instrument).venue;
  const auto at = throttles_.find(venue);
  return at != throttles_.end() ? at->second : throttles_.emplace(venue, Throttle(options_.limits)).first->second;
}

void Desk::cancel(OrderId order) {
  const auto at = open_.find(order);
  if (at == open_.end() || at->second.is_cancelling) return;
  if (!throttle(at->second.record.order.instrument).passes_cancel(now_)) return;  // asked for again on the next row
  at->second.is_cancelling = true;
  exchange_.cancel(order, now_);
}

bool Desk::amend(OrderId order, Ticks limit, Lots left) {
  const auto at = open_.find(order);
  if (at == open_.end() || at->second.is_cancelling) return false;
  OrderRequest changed = at->second.record.order;
  changed.limit = limit;
  changed.size = left;
  double cost_bps = no_value;
  objection_ = judge(changed, {}, order, cost_bps);
  if (objection_ == OrderReason::none && !throttle(changed.instrument).passes_order(now_)) {
    objection_ = OrderReason::rate_limit;
  }
  if (objection_ != OrderReason::none) return false;
  at->second.asked = left;
  exchange_.amend(order, limit, left, now_);
  return true;
}

const Desk::OpenOrder* Desk::find_order(OrderId order) const {
  const auto at = open_.find(order);
  return at == open_.end() ? nullptr : &at->second;
}

bool Desk::has_orders(InstrumentId instrument) const {
  const Seat* one = instrument < seats_.size() ? &seats_[instrument] : nullptr;
  return one != nullptr && one->open_orders > 0;
}

void Desk::end_order(OrderId order, std::string_view status, OrderReason reason) {
  const auto at = open_.find(order);
  if (at == open_.end()) return;
  OrderRecord& record = at->second.record;
  record.status = status;
  record.reason = reason;
  record.ended = now_;
  --seat(record.order.instrument).open_orders;
  log_.orders.push_back(std::move(record));
  open_.erase(at);
}

/// Keeps the list of instruments with a position, after each change of one.
void Desk::list(InstrumentId instrument) {
  Seat& one = seat(instrument);
  one.lowest = std::numeric_limits<double>::infinity();
  one.highest = -one.lowest;
  one.has_moving_rate = rate_source(instrument) != no_instrument;
  const bool is_held = position(instrument) != 0;
  if (is_held == one.is_listed) return;
  one.is_listed = is_held;
  if (is_held) {
    held_.push_back(instrument);
  } else {
    held_.erase(std::find(held_.begin(), held_.end(), instrument));
  }
}

void Desk::deposit_inventory(InstrumentId instrument, Lots size, Ticks price) {
  account_.deposit_inventory(instrument, size, price);
  Seat& one = seat(instrument);  // until its first row comes it is worth that price
  one.stored.instrument = instrument;
  one.stored.price = spec(instrument).price(price);
  one.stored_guards.fill(no_value);
  one.is_known = true;
  list(instrument);
}

bool Desk::move(Transfer transfer) {
  const auto fee_of = [&](InstrumentId id) { return to_amount(fees(id).withdrawal / rate(id)); };
  const auto fee_from = fee_of(transfer.from), fee_to = fee_of(transfer.to);
  if (!fee_from || !fee_to) return false;  // a rate is not known
  transfer.fee_from = *fee_from;
  transfer.fee_to = *fee_to;
  if (!exchange_.transfer(transfer)) return false;
  look_back(transfer.from);
  look_back(transfer.to);
  account_.apply(transfer);
  list(transfer.from);
  list(transfer.to);
  return true;
}

void Desk::book(const ExchangeEvent& event) {
  const Fill& fill = event.fill;
  look_back(fill.instrument);
  const Amount realised = account_.apply(fill);
  list(fill.instrument);
  const InstrumentSpec& about = spec(fill.instrument);
  const double worth = rate(fill.instrument), price = about.price(fill.price);
  // Money that a move of the price by 1 is worth on this fill.
  const double per_price = std::abs(to_double(about.value_at(fill.size, price))) * worth / price;
  FillRecord record{.fill = fill,
                    .ts_venue = event.ts_venue,
                    .ts_local = event.ts_local,
                    .price = price,
                    .size = about.size(fill.size),
                    .notional = per_price * price,
                    .fee = worth * to_double(fill.fee),
                    .realised = worth * to_double(realised)};
  const auto at = open_.find(fill.order);
  const double decided = at == open_.end() ? no_value : at->second.record.decision_mid;
  record.why = at == open_.end() ? (event.type == ExchangeEvent::Type::settled ? "settled" : "liquidated")
                                 : at->second.record.why;
  const double side = static_cast<double>(fill.side);
  const double middle = std::isfinite(fill.mid) ? fill.mid : price,
               touch = std::isfinite(fill.touch) ? fill.touch : middle;
  record.spread_cost = side * (touch - middle) * per_price;
  record.impact_cost = side * (price - touch) * per_price;
  if (std::isfinite(decided)) record.delay_cost = side * (middle - decided) * per_price;
  trips_.on_fill(fill, account_, worth, now_, record.why);
  for (RoundTrip& trip : trips_.take()) log_.trades.push_back(std::move(trip));
  if (std::isfinite(fill.mid)) {
    markouts_.add(std::move(record), per_price);
  } else {
    log_.fills.push_back(std::move(record));
  }
}

void Desk::on_event(const ExchangeEvent& event) {
  now_ = std::max(now_, event.ts_local);
  using Type = ExchangeEvent::Type;
  const auto at = open_.find(event.order);
  switch (event.type) {
    case Type::accepted:
      if (at != open_.end()) at->second.is_accepted = true;
      break;
    case Type::amended:
      if (at != open_.end()) {
        at->second.limit = event.limit;
        at->second.left = event.left;
        at->second.asked = 0;
      }
      break;
    case Type::filled:
    case Type::settled:
      book(event);
      if (at != open_.end()) {
        at->second.left = event.left;
        at->second.record.filled += event.fill.size;
        if (event.is_final) end_order(event.order, "filled", OrderReason::none);
      }
      break;
    case Type::cancelled: end_order(event.order, "cancelled", event.reason); break;
    case Type::rejected:
      end_order(event.order, "rejected", event.reason);
      if (event.reason == OrderReason::would_take) break;  // what post-only is for
      if (rejects_since_ == no_time || now_ - rejects_since_ > rejects_window) {
        rejects_since_ = now_;
        rejects_ = 0;
      }
      if (++rejects_ > options_.limits.rejects_max) kill("repeated rejects");
      break;
    case Type::cancel_rejected:
      if (at != open_.end()) at->second.is_cancelling = false;
      break;
    case Type::amend_rejected:
      if (at != open_.end()) at->second.asked = 0;
      break;
    case Type::funding: account_.apply_funding(event.fill.instrument, event.amount); break;
    case Type::borrow: account_.apply_borrow(event.fill.instrument, event.amount); break;
  }
  strategy_.on_event(event, *this);
}

void Desk::kill(std::string_view why) {
  if (is_killed_) return;
  is_killed_ = true;
  kill_reason_ = why;
  for (const auto& [id, order] : open_) {
    if (!order.record.order.is_reduce_only) exchange_.cancel(id, now_);
  }
}

}  // namespace millrace
