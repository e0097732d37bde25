#include <cmath>

#include "millrace/sim/sim_deal.h"

namespace millrace {

namespace {

constexpr Nanos one_hour = 3'600 * one_second;
constexpr double one_year = 365.0 * static_cast<double>(one_day);

}  // namespace

/// When the instrument next costs or brings something; INT64_MAX: never.
Nanos SimExchange::next_stamp(const Listing& one) const {
  const MarketRow& row = markets_[one.instrument].row;
  const InstrumentSpec& spec = *one.spec;
  const Lots position = account_.position(one.instrument).size;
  Nanos next = INT64_MAX;
  if (position != 0 && spec.is_perpetual()) {
    // A stamp counts while it is ahead of the row that told it.
    if (row.next_funding_ns > row.ts_event && row.next_funding_ns > one.funded_until) next = row.next_funding_ns;
  }
  if (spec.expiry != no_time && one.is_active) next = std::min(next, spec.expiry);
  const bool is_borrowed = !spec.is_derivative() && position < 0;
  if (is_borrowed || one.interest > 0.0) next = std::min(next, (now_ / one_hour + 1) * one_hour);
  return next;
}

/// Makes all payments of the first stamp.
void SimExchange::pay_due() {
  const Nanos stamp = stamp_;
  std::vector<InstrumentId> due;
  for (const InstrumentId instrument : active_) {
    if (next_stamp(listings_[instrument]) == stamp) due.push_back(instrument);
  }
  now_ = std::max(now_, stamp);
  for (const InstrumentId instrument : due) pay(listings_[instrument], stamp);
  plan_due();
}

void SimExchange::pay(Listing& one, Nanos stamp) {
  const InstrumentSpec& spec = *one.spec;
  if (spec.is_perpetual() && markets_[one.instrument].row.next_funding_ns == stamp) pay_funding(one);
  if (stamp % one_hour == 0) pay_interest(one);
  if (spec.expiry != no_time && stamp >= spec.expiry) settle(one);
  settle_up(one);
  refresh_health(one.wallet);
  if (health_[one.wallet] < 0.0) liquidate(one.wallet);
}

/// Longs pay shorts a positive rate, on the mark; what is not known is not charged.
void SimExchange::pay_funding(Listing& one) {
  const MarketRow& row = markets_[one.instrument].row;
  const Lots position = account_.position(one.instrument).size;
  const double mark = markets_[one.instrument].mark();
  one.funded_until = now_;
  if (position == 0 || !has_value(row.funding_rate) || !(mark > 0.0)) return;
  const double worth = std::abs(to_double(one.spec->value_at(position, mark)));
  const auto amount = to_amount(position > 0 ? -row.funding_rate * worth : row.funding_rate * worth);
  if (!amount || *amount == 0) return;
  account_.apply_funding(one.instrument, *amount);
  has_changed_ = true;
  ExchangeEvent event{.type = ExchangeEvent::Type::funding, .amount = *amount};
  event.fill.instrument = one.instrument;
  emit(event, one.instrument);
}

/// Adds up interest on what is borrowed, until now.
void SimExchange::accrue(Listing& one) {
  const Lots position = account_.position(one.instrument).size;
  const double mark = markets_[one.instrument].mark();
  const bool is_borrowed = !one.spec->is_derivative() && position < 0;
  if (is_borrowed && one.interest_since != no_time && mark > 0.0) {
    const double years = static_cast<double>(now_ - one.interest_since) / one_year;
    one.interest += to_double(one.spec->value_at(-position, mark)) * std::max(one.fees->borrow_apr, 0.0) * years;
  }
  one.interest_since = is_borrowed ? now_ : no_time;
}

void SimExchange::pay_interest(Listing& one) {
  accrue(one);
  const Amount paid = to_amount(one.interest).value_or(most_amount);
  one.interest = 0.0;
  if (paid == 0) return;
  account_.apply_borrow(one.instrument, -paid);
  ExchangeEvent event{.type = ExchangeEvent::Type::borrow, .amount = -paid};
  event.fill.instrument = one.instrument;
  emit(event, one.instrument);
}

bool SimExchange::transfer(const Transfer& transfer) {
  Listing &from = listing(transfer.from), &to = listing(transfer.to);
  if (from.spec->is_derivative() || to.spec->is_derivative()) return false;
  if (account_.position(transfer.from).size < transfer.size_from) return false;
  if (account_.wallet_of(transfer.to).cash < transfer.cash_to + transfer.fee_to) return false;
  account_.apply(transfer);
  for (Listing* one : {&from, &to}) {
    settle_up(*one);
    refresh_health(one->wallet);
  }
  return true;
}

/// Ends a dated future at its final price: the index, else the mark.
void SimExchange::settle(Listing& one) {
  for (LiveOrder& live : one.orders) {
    if (live.phase != LiveOrder::Phase::gone) end(live, OrderReason::expired);
  }
  const Lots position = account_.position(one.instrument).size;
  if (position == 0) return;
  const MarketRow& row = markets_[one.instrument].row;
  double price = row.index_price > 0.0 ? row.index_price : markets_[one.instrument].mark();
  if (!(price > 0.0)) price = account_.position(one.instrument).entry_price(*one.spec);
  ExchangeEvent event{.type = ExchangeEvent::Type::settled, .is_final = true};
  event.fill = {.instrument = one.instrument,
                .side = position > 0 ? Side::sell : Side::buy,
                .price = one.spec->ticks(price).value_or(1),
                .size = std::abs(position),
                .mid = price,
                .touch = price};
  book(one, event);
}

}  // namespace millrace
