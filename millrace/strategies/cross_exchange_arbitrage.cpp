#include "millrace/strategies/cross_exchange_arbitrage.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "millrace/strategies/makers.h"

namespace millrace {

namespace {

constexpr Nanos retry_time = one_second;  // between two tries of a repair that guards do not let through

double middle_of(const VenueTouch& touch) { return 0.5 * (touch.bid + touch.ask); }
double taker_share(const VenueTouch& touch, const Desk& desk) {
  return 1e-4 * desk.fees(touch.instrument).applied().taker_bps;
}

}  // namespace

/// Quotes are all that counts: also one that only restates its prices, since it is fresh.
void CrossExchangeArbitrage::prepare(const MarketBatch& batch, std::span<std::uint8_t> attention) {
  for (std::size_t row = 0; row < batch.chunk.rows(); ++row) {
    const KindSet kind = only(static_cast<Kind>(batch.chunk.kind[row]));
    if ((kind & quote_kinds) != 0) attention[row] = must_see;
  }
}

/// Finds the group of an instrument. Inverse contracts are left out: their sizes are no base.
CrossExchangeArbitrage::Place CrossExchangeArbitrage::learn(InstrumentId instrument, Desk& desk) {
  if (instrument >= places_.size()) places_.resize(instrument + 1);
  Place& place = places_[instrument];
  if (place.is_learnt) return place;
  place.is_learnt = true;
  const InstrumentSpec& spec = desk.spec(instrument);
  if (spec.base.empty() || spec.contract == Contract::inverse) return place;
  auto at = std::find_if(markets_.begin(), markets_.end(), [&](const Market& one) { return one.group.takes(spec); });
  if (at == markets_.end()) {
    markets_.push_back({.group = {.base = spec.base, .contract = spec.contract, .expiry = spec.expiry}});
    at = std::prev(markets_.end());
  }
  VenueTouch touch{.instrument = instrument};
  touch.initial = held(touch, desk);
  place.market = static_cast<std::uint32_t>(at - markets_.begin()) + 1;
  place.touch = static_cast<std::uint32_t>(at->group.touches.size());
  at->group.add(touch);
  return place;
}

bool CrossExchangeArbitrage::update(VenueTouch& touch, const Observation& row, const Desk& desk) {
  const MarketRow& market = row.market;
  if ((only(market.kind) & quote_kinds) == 0 || !market.has_quote()) return false;
  const double per_size = base_of(desk.spec(touch.instrument), 1'000'000) / desk.spec(touch.instrument).size(1'000'000);
  touch.bid = market.bid;
  touch.ask = market.ask;
  touch.bid_size = market.bid_size * per_size;
  touch.ask_size = market.ask_size * per_size;
  signals_.read(row);
  const double offset = signals_[0];
  touch.received = market.ts_recv == no_time ? market.ts_event : market.ts_recv;
  touch.aligned = std::isfinite(offset) ? market.ts_event + static_cast<Nanos>(offset) : touch.received;
  touch.seen = row.now;
  local_ = std::max(local_, touch.received);
  return true;
}

bool CrossExchangeArbitrage::is_fresh(const VenueTouch& touch, Nanos now) const {
  return local_ - touch.received < options_.age_max && local_ - touch.aligned < options_.age_max &&
         now - touch.seen < options_.age_max;
}

void CrossExchangeArbitrage::on_row(const Observation& row, Desk& desk) {
  const Place place = learn(row.market.instrument, desk);
  if (place.market == 0) return;
  Market& market = markets_[place.market - 1];
  const bool is_quote = update(market.group.touches[place.touch], row, desk);
  if (market.deal.is_active || market.move_due != no_time) mind(market, desk);
  if (!is_quote) return;
  for (std::size_t other = 0; other < market.group.touches.size(); ++other) {
    if (other == place.touch) continue;
    consider(market, place.touch, other, row, desk);
    consider(market, other, place.touch, row, desk);
  }
}

void CrossExchangeArbitrage::consider(Market& market, std::size_t sell, std::size_t buy, const Observation& row,
                                      Desk& desk) {
  const VenueTouch &at = market.group.touches[sell], &from = market.group.touches[buy];
  Nanos& since = market.group.since_of(sell, buy);
  const Nanos before = std::exchange(since, no_time);
  if (!at.is_known() || !from.is_known()) return;
  if (desk.spec(at.instrument).venue == desk.spec(from.instrument).venue) return;
  ++compared_;
  const VenueGap gap = gap_of(market, at, from, desk);
  if (!(gap.gross_bps > 0.0)) return;
  ++crossed_;
  if (gap.gross_bps <= gap.fees_bps) return;
  ++above_fees_;
  if (!is_fresh(at, row.now) || !is_fresh(from, row.now)) {
    ++stale_;
    return;
  }
  if (!(gap.net_bps() >= options_.net_min_bps) || gap.gross_bps < desk.edge_multiple() * gap.cost_bps) return;
  ++paying_;
  since = before == no_time ? row.now : before;
  const bool is_new = before == no_time;
  if (is_new) tell(at, "gap", "seen", gap.net_bps(), desk, gap.gross_bps, gap.cost_bps);
  if (market.deal.is_active || market.move_due != no_time || market.is_halted || row.now < market.idle_until) return;
  if (row.now - since < options_.hold) return;
  const double base = size_of(at, from, gap.middle, desk);
  open(market, sell, buy, base, gap, row, desk);
}

/// Prices are compared in the account's asset where the quote assets differ: no two assets are taken for one.
VenueGap CrossExchangeArbitrage::gap_of(const Market& market, const VenueTouch& sell, const VenueTouch& buy,
                                        const Desk& desk) const {
  const bool is_one_asset = desk.spec(sell.instrument).settle() == desk.spec(buy.instrument).settle();
  const double rate_sell = is_one_asset ? 1.0 : desk.rate(sell.instrument);
  const double rate_buy = is_one_asset ? 1.0 : desk.rate(buy.instrument);
  const double middle = 0.5 * (middle_of(sell) * rate_sell + middle_of(buy) * rate_buy);
  VenueGap gap{.gross_bps = 1e4 * (sell.bid * rate_sell - buy.ask * rate_buy) / middle};
  if (!(gap.gross_bps > 0.0)) return gap;
  gap.fees_bps = 1e4 * (taker_share(sell, desk) + taker_share(buy, desk));
  gap.middle = is_one_asset ? middle * desk.rate(sell.instrument) : middle;
  gap.cost_bps = gap.fees_bps + options_.slippage_bps + (is_one_asset ? 0.0 : conversion_bps(sell, buy, desk)) +
                 rebalancing_bps(market, sell, buy, gap.middle, desk);
  return gap;
}

/// What it costs to turn proceeds of another asset into the account's: the taker's fee and half the spread of the
/// instrument that tells the rate, or what the parameter says where the rate is a number.
double CrossExchangeArbitrage::conversion_bps(const VenueTouch& sell, const VenueTouch& buy, const Desk& desk) const {
  double sum = 0.0;
  for (const VenueTouch* one : {&sell, &buy}) {
    if (desk.spec(one->instrument).settle() == desk.account_asset()) continue;
    const InstrumentId source = desk.rate_source(one->instrument);
    if (source == no_instrument) {
      sum += options_.conversion_bps;
      continue;
    }
    const MarketRow row = desk.last(source);
    const double half_spread = row.has_quote() ? 0.5e4 * (row.ask - row.bid) / row.mark() : options_.conversion_bps;
    sum += desk.fees(source).applied().taker_bps + half_spread;
  }
  return sum;
}

/// Both withdrawals of a re-balancing, spread over what it moves.
double CrossExchangeArbitrage::rebalancing_bps(const Market& market, const VenueTouch& sell, const VenueTouch& buy,
                                               double middle, const Desk& desk) const {
  if (market.group.contract != Contract::spot) return 0.0;
  const double moved = options_.skew_max * sell.initial * middle;
  const double fees = desk.fees(sell.instrument).withdrawal + desk.fees(buy.instrument).withdrawal;
  return fees == 0.0 ? 0.0 : 1e4 * fees / moved;
}

double CrossExchangeArbitrage::held(const VenueTouch& touch, const Desk& desk) {
  return base_of(desk.spec(touch.instrument), desk.position(touch.instrument));
}

/// Base that can be dealt: displayed on both sides, there to be sold and to be paid for, within the cap.
double CrossExchangeArbitrage::size_of(const VenueTouch& sell, const VenueTouch& buy, double middle,
                                       const Desk& desk) const {
  const InstrumentSpec &sold = desk.spec(sell.instrument), &bought = desk.spec(buy.instrument);
  const double cap = options_.cap * desk.equity() / middle;
  double base = std::min({sell.bid_size, buy.ask_size, cap});
  if (!sold.is_derivative()) {
    const double cash = to_double(desk.account().cash(bought.venue, bought.settle()));
    base = std::min({base, held(sell, desk), cash / (buy.ask * (1.0 + taker_share(buy, desk)))});
  } else {
    base = std::min({base, cap + held(sell, desk), cap - held(buy, desk)});  // positions stay within the cap
  }
  if (!(base > 0.0)) return 0.0;
  base = common_base(sold, bought, base);
  const double smallest = std::min(sell.bid, buy.ask) * base;
  return smallest >= to_double(std::max(sold.min_notional, bought.min_notional)) ? base : 0.0;
}

void CrossExchangeArbitrage::tell(const VenueTouch& touch, std::string_view name, std::string_view effect, double value,
                                  Desk& desk, double gain, double cost) {
  desk.signal({.market = desk.last(touch.instrument), .now = desk.now()}, name, effect, value, gain, cost);
}

/// At the price that is seen, or not at all.
OrderRequest CrossExchangeArbitrage::leg_of(const VenueTouch& touch, Side side, double base, const Desk& desk) {
  const InstrumentSpec& spec = desk.spec(touch.instrument);
  const auto limit = side == Side::buy ? spec.ticks_up(touch.ask) : spec.ticks_down(touch.bid);
  return {.instrument = touch.instrument,
          .side = side,
          .type = OrderType::limit,
          .time_in_force = TimeInForce::ioc,
          .size = lots_of_base(spec, base),
          .limit = limit.value_or(0)};
}

OrderId CrossExchangeArbitrage::send(Market& market, const OrderRequest& request, const Decision& decision,
                                     Desk& desk) {
  const OrderId order = desk.send(request, decision);
  if (order == 0) return 0;
  market.deal.pending.push_back(order);
  orders_.emplace(order, static_cast<std::uint32_t>(&market - markets_.data()));
  return order;
}

void CrossExchangeArbitrage::open(Market& market, std::size_t sell, std::size_t buy, double base, const VenueGap& gap,
                                  const Observation& row, Desk& desk) {
  const VenueTouch &at = market.group.touches[sell], &from = market.group.touches[buy];
  market.idle_until = row.now + options_.cooldown;
  if (base == 0.0) return tell(at, "deal", "no_inventory", gap.net_bps(), desk, gap.gross_bps, gap.cost_bps);
  const OrderRequest sold = leg_of(at, Side::sell, base, desk), bought = leg_of(from, Side::buy, base, desk);
  const Decision selling{.why = "sell_leg", .is_entry = true}, buying{.why = "buy_leg", .is_entry = true};
  for (const auto& [request, decision] : {std::pair(sold, selling), std::pair(bought, buying)}) {
    const OrderReason objection = desk.objection_to(request, decision);
    if (objection == OrderReason::none) continue;
    return tell(at, "deal", name_of(objection), gap.net_bps(), desk, gap.gross_bps, gap.cost_bps);
  }
  Deal& deal = market.deal;
  deal = Deal{.sell = static_cast<std::uint32_t>(sell), .buy = static_cast<std::uint32_t>(buy)};
  deal.gross_bps = gap.gross_bps;
  deal.cost_bps = gap.cost_bps;
  deal.deadline = row.now + options_.leg_time;
  deal.is_active = send(market, sold, selling, desk) != 0;
  if (deal.is_active) ++deals_;
  const bool has_both = deal.is_active && send(market, bought, buying, desk) != 0;
  tell(at, "deal", has_both ? "order" : name_of(desk.objection()), gap.net_bps(), desk, gap.gross_bps, gap.cost_bps);
}

void CrossExchangeArbitrage::book(Deal& deal, const Fill& fill, Desk& desk) const {
  const InstrumentSpec& spec = desk.spec(fill.instrument);
  const double rate = desk.rate(fill.instrument), base = base_of(spec, fill.size);
  const double worth = rate * to_double(spec.value(fill.size, fill.price)), fee = rate * to_double(fill.fee);
  (fill.side == Side::sell ? deal.sold : deal.bought) += base;
  (fill.side == Side::sell ? deal.proceeds : deal.paid) += fill.side == Side::sell ? worth - fee : worth + fee;
}

void CrossExchangeArbitrage::on_event(const ExchangeEvent& event, Desk& desk) {
  const auto at = orders_.find(event.order);
  if (at == orders_.end()) return;
  Market& market = markets_[at->second];
  if (event.type == ExchangeEvent::Type::filled) book(market.deal, event.fill, desk);
  if (desk.find_order(event.order) != nullptr) return;
  orders_.erase(at);
  std::erase(market.deal.pending, event.order);
  if (market.deal.pending.empty()) settle(market, desk);
}

/// What time asks for: legs that have not answered are given up, inventory arrives.
void CrossExchangeArbitrage::mind(Market& market, Desk& desk) {
  Deal& deal = market.deal;
  if (deal.is_active && deal.pending.empty()) {  // a repair could not be sent before
    if (desk.now() >= deal.retry) settle(market, desk);
    return;
  }
  if (deal.is_active && !deal.is_late && desk.now() >= deal.deadline) {
    deal.is_late = true;
    for (const OrderId order : deal.pending) desk.cancel(order);
    repair(market, desk);
  }
  if (!deal.is_active && market.move_due != no_time && desk.now() >= market.move_due) rebalance(market, desk);
}

void CrossExchangeArbitrage::settle(Market& market, Desk& desk) {
  if (repair(market, desk)) return;
  finish(market, desk);
}

/// Trades away what one leg has more than the other, where that costs least. True while there is something left that
/// can be traded.
bool CrossExchangeArbitrage::repair(Market& market, Desk& desk) {
  Deal& deal = market.deal;
  const double surplus = deal.bought - deal.sold;
  const Side side = surplus > 0.0 ? Side::sell : Side::buy;
  struct Way {
    std::uint32_t place;
    Lots lots;
    double price;  // in the account's asset, with the fee; the higher the better
  };
  std::vector<Way> ways;
  for (const std::uint32_t place : {deal.sell, deal.buy}) {
    const VenueTouch& touch = market.group.touches[place];
    const InstrumentSpec& spec = desk.spec(touch.instrument);
    // Sums of lots in base are whole lots but for rounding.
    const Lots lots = lots_of_base(spec, std::abs(surplus) * (1.0 + 1e-12));
    if (lots < spec.min_size || spec.notional(lots, middle_of(touch)) < to_double(spec.min_notional)) continue;
    if (side == Side::sell && !spec.is_derivative() && desk.position(touch.instrument) < lots) continue;
    const double rate = desk.rate(touch.instrument), fee = taker_share(touch, desk);
    ways.push_back(
        {place, lots, side == Side::sell ? touch.bid * rate * (1.0 - fee) : -touch.ask * rate * (1.0 + fee)});
  }
  if (ways.empty()) return false;
  if (deal.repairs >= most_repairs) {
    market.is_halted = true;
    desk.note(fmt::format("{}: a leg could not be traded away in {} orders; the pair rests", market.group.base,
                          most_repairs));
    return false;
  }
  std::stable_sort(ways.begin(), ways.end(), [](const Way& a, const Way& b) { return a.price > b.price; });
  for (const Way& way : ways) {
    const bool is_hedge = way.place == (side == Side::sell ? deal.sell : deal.buy);
    const OrderRequest request{
        .instrument = market.group.touches[way.place].instrument, .side = side, .size = way.lots};
    if (send(market, request, {.why = is_hedge ? "hedge" : "reverse", .is_hedge = true}, desk) == 0) continue;
    ++deal.repairs;
    tell(market.group.touches[way.place], "leg_unfilled", is_hedge ? "hedge" : "reverse", std::abs(surplus), desk);
    return true;
  }
  deal.retry = desk.now() + retry_time;
  return true;
}

/// Tells what a deal has brought, all legs and fees counted, in bps of what was sold.
void CrossExchangeArbitrage::finish(Market& market, Desk& desk) {
  Deal& deal = market.deal;
  deal.is_active = false;
  const VenueTouch& at = market.group.touches[deal.sell];
  const double notional = std::max(deal.proceeds, deal.paid);
  const char* const effect = deal.sold == 0.0 && deal.bought == 0.0 ? "missed" : deal.repairs > 0 ? "repaired" : "done";
  tell(at, "deal", effect, notional > 0.0 ? 1e4 * (deal.proceeds - deal.paid) / notional : 0.0, desk, deal.gross_bps,
       deal.cost_bps);
  if (!is_skewed(market, desk)) return;
  market.move_due = desk.now() + options_.transfer_time;
  tell(at, "rebalance", "on its way", held(at, desk), desk);
}

bool CrossExchangeArbitrage::is_skewed(const Market& market, const Desk& desk) const {
  return std::any_of(market.group.touches.begin(), market.group.touches.end(), [&](const VenueTouch& one) {
    return one.initial > 0.0 && held(one, desk) <= (1.0 - options_.skew_max) * one.initial;
  });
}

/// Moves inventory from where most is too much to where most is missing, and the cash back.
void CrossExchangeArbitrage::rebalance(Market& market, Desk& desk) {
  market.move_due = no_time;
  std::vector<VenueTouch>& touches = market.group.touches;
  const auto excess = [&](const VenueTouch& one) { return held(one, desk) - one.initial; };
  for (std::size_t i = 0; i < touches.size(); ++i) {
    const auto [least, most] =
        std::minmax_element(touches.begin(), touches.end(),
                            [&](const VenueTouch& a, const VenueTouch& b) { return excess(a) < excess(b); });
    const InstrumentSpec &from = desk.spec(most->instrument), &to = desk.spec(least->instrument);
    const double price = middle_of(*least), cash = to_double(desk.account().cash(to.venue, to.settle()));
    const double fee = desk.fees(least->instrument).withdrawal / desk.rate(least->instrument);
    const double base = std::min({excess(*most), -excess(*least), (cash - fee) / price});
    if (!(base > 0.0)) break;
    Transfer transfer{.from = most->instrument, .to = least->instrument};
    transfer.size_to = lots_of_base(to, base_of(from, lots_of_base(from, base)));
    transfer.size_from = lots_of_base(from, base_of(to, transfer.size_to));
    if (transfer.size_to == 0 || transfer.size_from == 0) break;
    transfer.cash_to = transfer.cash_from = to.value_at(transfer.size_to, price);
    if (from.settle() != to.settle()) {
      const double share = 1.0 - 1e-4 * conversion_bps(*most, *least, desk);
      const double worth = to_double(transfer.cash_to) * desk.rate(least->instrument) * share;
      transfer.cash_from = to_amount(worth / desk.rate(most->instrument)).value_or(0);
    }
    const bool is_moved = desk.move(transfer);
    tell(*most, "rebalance", is_moved ? "moved" : "refused", base_of(to, transfer.size_to), desk);
    if (!is_moved) break;
  }
}

void CrossExchangeArbitrage::on_end(Desk& desk) {
  desk.note(
      fmt::format("{} comparisons of a bid with another venue's ask: {} were crossed, {} by more than the two taker "
                  "fees ({} of them with a stale side), {} paid {} bps or more after all costs; {} deals",
                  compared_, crossed_, above_fees_, stale_, paying_, options_.net_min_bps, deals_));
}

std::unique_ptr<Strategy> make_cross_exchange_arbitrage(const StrategySpec& spec, const RuleSet& rules,
                                                        const Plan& plan) {
  CrossExchangeArbitrage::Options options{.net_min_bps = spec.number("net_min_bps"),
                                          .slippage_bps = spec.number("slippage_bps"),
                                          .conversion_bps = spec.number("conversion_bps"),
                                          .cap = spec.number("cap"),
                                          .skew_max = spec.number("skew_max"),
                                          .hold = spec.duration("hold_time"),
                                          .age_max = spec.duration("age_max"),
                                          .leg_time = spec.duration("leg_time"),
                                          .transfer_time = spec.duration("transfer_time"),
                                          .cooldown = spec.duration("cooldown")};
  return std::make_unique<CrossExchangeArbitrage>(options, Signals(spec, rules, plan, {"offset"}));
}

}  // namespace millrace
