#include <cmath>
#include <limits>

#include "millrace/sim/sim_deal.h"

namespace millrace {

namespace {

using Phase = LiveOrder::Phase;

Amount amount_of(double value) { return to_amount(value).value_or(value > 0.0 ? most_amount : -most_amount); }

Amount fee_at_most(const Listing& one, Amount worth) {
  const FeeTier& tier = one.fees->applied();
  const double bps = std::max({tier.maker_bps, tier.taker_bps, 0.0});
  return amount_of(1e-4 * bps * to_double(worth)) + 1;  // of several fills each is rounded
}

bool is_margined(const InstrumentSpec& spec, Lots position) {
  return position != 0 && (spec.is_derivative() || position < 0);
}

}  // namespace

/// The worst price that the order is to be filled at.
Ticks SimExchange::worst_price(const Listing& one, const LiveOrder& live) {
  if (live.has_limit()) return live.order.limit;
  const TakerMarket market = market_for(one, live.order.side);
  const TakerPlan plan = plan_taker(market, *one.spec, live.left, std::nullopt);
  return std::max<Ticks>(plan.total() > 0 ? plan.worst() : market.touch, 1);
}

/// `order`, where given, counts as one more open order, filled at `price`.
SimExchange::Funds SimExchange::funds(std::uint32_t wallet, const LiveOrder* order, Ticks price) {
  Funds sum{.cash = account_.wallets()[wallet].cash};
  const auto add = [&](Listing& one) {
    if (one.wallet != wallet) return;
    const InstrumentSpec& spec = *one.spec;
    const double mark = markets_[one.instrument].mark();
    const Lots position = account_.position(one.instrument).size;
    Lots buys = 0, sells = 0;
    const auto count = [&](const LiveOrder& live, Ticks at) {
      if (spec.is_derivative() && live.order.is_reduce_only) return;
      (live.is_buy() ? buys : sells) += live.left;
      if (spec.is_derivative() || !live.is_buy()) return;
      const Amount worth = spec.value(live.left, at);
      sum.reserved += worth + fee_at_most(one, worth);
    };
    for (const LiveOrder& live : one.orders) {
      if (live.phase == Phase::resting || live.phase == Phase::awaiting) count(live, worst_price(one, live));
    }
    if (order != nullptr && order->order.instrument == one.instrument) count(*order, price);
    if (!(mark > 0.0)) return;
    if (spec.is_derivative()) {
      const Amount profit = account_.unrealised(one.instrument, mark);
      sum.unrealised += profit;
      sum.losses += std::min<Amount>(profit, 0);
      const Lots most = std::max(std::abs(position + buys), std::abs(position - sells));
      sum.initial += amount_of(std::abs(to_double(spec.value_at(most, mark))) / spec.max_leverage);
      return;
    }
    const Lots borrowed = std::max<Lots>(-position, 0);
    if (borrowed > 0) {
      sum.shorts -= spec.value_at(borrowed, mark);
      sum.reserved -= spec.value_at(std::min(borrowed, buys), mark);  // buying back is paid from the proceeds
    }
    const Lots to_borrow = std::max<Lots>(sells - position, 0);
    sum.initial += amount_of(to_double(spec.value_at(to_borrow, mark)) / spec.max_leverage);
  };
  for (const InstrumentId instrument : active_) add(listings_[instrument]);
  if (order != nullptr && !listings_[order->order.instrument].is_active) add(listings_[order->order.instrument]);
  return sum;
}

/// Whether the account allows the order, which is not among the open ones, or counts there as gone.
OrderReason SimExchange::afford(Listing& one, const LiveOrder& live) {
  const InstrumentSpec& spec = *one.spec;
  const Lots position = account_.position(one.instrument).size;
  if (!spec.is_derivative() && !live.is_buy()) {
    Lots owned = position;
    for (const LiveOrder& other : one.orders) {
      const bool is_open = other.phase == Phase::resting || other.phase == Phase::awaiting;
      if (is_open && !other.is_buy()) owned -= other.left;
    }
    if (live.left <= owned) return OrderReason::none;
    if (one.fees->borrow_apr < 0.0) return OrderReason::insufficient_balance;
  }
  if (live.order.is_reduce_only) return OrderReason::none;
  const Ticks price = worst_price(one, live);
  const Funds before = funds(one.wallet, nullptr, 0), after = funds(one.wallet, &live, price);
  if (after.required() <= before.required()) return OrderReason::none;
  const bool is_spot_buy = !spec.is_derivative() && live.is_buy();
  if (is_spot_buy) return after.spendable() >= 0 ? OrderReason::none : OrderReason::insufficient_balance;
  const Amount fee = fee_at_most(one, std::abs(spec.value(live.left, price)));
  return after.free() >= fee ? OrderReason::none : OrderReason::insufficient_margin;
}

// Liquidation.

/// What the instrument adds to its wallet's equity beyond the margin that must be there.
double SimExchange::health_of(const Listing& one) const {
  const InstrumentSpec& spec = *one.spec;
  const Lots position = account_.position(one.instrument).size;
  if (!is_margined(spec, position)) return 0.0;
  const double mark = markets_[one.instrument].mark();
  if (!(mark > 0.0)) return one.health;
  const double worth = to_double(spec.value_at(position, mark));
  const double equity = spec.is_derivative() ? to_double(account_.unrealised(one.instrument, mark)) : worth;
  return equity - spec.maintenance_share * std::abs(worth);
}

/// Counts a wallet anew, and how far the mark of each of its positions may move before it has to be counted again: the
/// positions share half of what there is beyond the margin, and a mark that moves by a factor 1 + d costs at most d of
/// what the position is worth and of the margin for that.
void SimExchange::refresh_health(std::uint32_t wallet) {
  double& health = health_[wallet];
  health = to_double(account_.wallets()[wallet].cash);
  int margined = 0;
  for (const InstrumentId instrument : active_) {
    Listing& one = listings_[instrument];
    if (one.wallet != wallet) continue;
    health += one.health = health_of(one);
    margined += is_margined(*one.spec, account_.position(instrument).size) ? 1 : 0;
  }
  for (const InstrumentId instrument : active_) {
    Listing& one = listings_[instrument];
    if (one.wallet != wallet) continue;
    one.calm_low = 0.0;
    one.calm_high = std::numeric_limits<double>::infinity();
    const Lots position = account_.position(instrument).size;
    if (!is_margined(*one.spec, position)) continue;
    const double mark = markets_[instrument].mark();
    const double worth = std::abs(to_double(one.spec->value_at(position, mark)));
    const double move = 0.5 * health / margined / (worth * (1.0 + one.spec->maintenance_share));
    const bool is_calm = mark > 0.0 && move > 1e-6;  // closer, amounts' last digits count
    one.calm_low = is_calm ? mark / (1.0 + move) : std::numeric_limits<double>::infinity();
    one.calm_high = is_calm ? mark * (1.0 + move) : 0.0;
  }
}

void SimExchange::on_mark(Listing& one, double mark) {
  if (!(mark > 0.0)) return;
  refresh_health(one.wallet);
  if (health_[one.wallet] < 0.0) liquidate(one.wallet);
}

/// Closes positions, the largest first, until what is left is covered.
void SimExchange::liquidate(std::uint32_t wallet) {
  bool has_cancelled = false;
  while (health_[wallet] < 0.0) {
    Listing* largest = nullptr;
    double most = 0.0;
    for (const InstrumentId instrument : active_) {
      Listing& one = listings_[instrument];
      const Lots position = account_.position(instrument).size;
      const double mark = markets_[instrument].mark();
      if (one.wallet != wallet || !is_margined(*one.spec, position) || !(mark > 0.0)) continue;
      const double worth = std::abs(to_double(one.spec->value_at(position, mark)));
      if (worth <= most) continue;
      most = worth;
      largest = &one;
    }
    if (largest == nullptr) return;
    if (!has_cancelled) {
      has_cancelled = true;
      for (const InstrumentId instrument : std::vector(active_)) {
        Listing& one = listings_[instrument];
        if (one.wallet != wallet) continue;
        for (LiveOrder& live : one.orders) {
          if (live.phase != Phase::gone) end(live, OrderReason::liquidated);
        }
        settle_up(one);
      }
    }
    close_out(*largest);
    settle_up(*largest);
    refresh_health(wallet);
    plan_due();
  }
}

void SimExchange::close_out(Listing& one) {
  const Lots position = account_.position(one.instrument).size;
  const Side side = position > 0 ? Side::sell : Side::buy;
  VenueMarket& market = markets_[one.instrument];
  TakerMarket met = market_for(one, side);
  if (met.touch <= 0) met.touch = one.spec->ticks(market.mark()).value_or(1);
  const TakerPlan plan = plan_taker(met, *one.spec, std::abs(position), std::nullopt);
  // What nobody takes for a price above zero goes for the least there is.
  const TakerFill parts[] = {plan.touch, plan.beyond, {std::abs(position) - plan.total(), 1}};
  Lots left = std::abs(position);
  ++stats_.liquidations;
  for (const TakerFill& part : parts) {
    if (part.size <= 0) continue;
    left -= part.size;
    ExchangeEvent event{.type = ExchangeEvent::Type::filled, .is_final = left == 0, .left = left};
    event.fill = {.instrument = one.instrument,
                  .side = side,
                  .price = part.price,
                  .size = part.size,
                  .is_liquidation = true,
                  .mid = market.mark(),
                  .touch = market.has_quote() ? market.touch(side) : market.mark()};
    const double worth = std::abs(to_double(one.spec->value(part.size, part.price)));
    event.fill.fee = amount_of(1e-4 * options_.liquidation_fee_bps * worth);
    book(one, event);
  }
  market.taken(side) += plan.touch.size;
  market.beyond(side) += plan.beyond.size;
}

}  // namespace millrace
