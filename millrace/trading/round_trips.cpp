#include "millrace/trading/round_trips.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace millrace {

void RoundTrips::begin(const Fill& fill, const Account& account, Amount opening_fee, Nanos now,
                       const std::string& why) {
  const InstrumentId instrument = fill.instrument;
  const Position& position = account.position(instrument);
  const bool is_long = fill.side == Side::buy;
  open_[instrument] = Open{.trip = {.instrument = instrument, .is_long = is_long, .entered = now, .entry_why = why},
                           .realised = position.realised,
                           .fees = position.fees - opening_fee,
                           .funding = position.funding + position.borrow};
}

void RoundTrips::end(InstrumentId instrument, const Position& position, Amount opening_fee, double rate, Nanos now) {
  Open& open = *open_[instrument];
  RoundTrip& trip = open.trip;
  trip.left = now;
  if (open.entry_size > 0.0) trip.entry_price = open.entry_sum / open.entry_size;
  if (open.exit_size > 0.0) trip.exit_price = open.exit_sum / open.exit_size;
  trip.pnl = rate * to_double(position.realised - open.realised);
  trip.fees = rate * to_double(position.fees - opening_fee - open.fees);
  trip.funding = rate * to_double(position.funding + position.borrow - open.funding);
  done_.push_back(std::move(trip));
  open_[instrument].reset();
}

void RoundTrips::on_fill(const Fill& fill, const Account& account, double rate, Nanos now, const std::string& why) {
  if (fill.instrument >= open_.size()) open_.resize(fill.instrument + 1);
  const Position& position = account.position(fill.instrument);
  const InstrumentSpec& spec = account.specs()[fill.instrument];
  const Lots change = sign_of(fill.side) * fill.size, before = position.size - change;
  const double price = spec.price(fill.price);
  const bool reduces = before != 0 && (before > 0) != (change > 0);
  const Lots closed = reduces ? std::min(std::abs(before), std::abs(change)) : 0;
  const Lots opened = std::abs(change) - closed;
  const Amount opening_fee = share_of(fill.fee, opened, fill.size);
  std::optional<Open>& open = open_[fill.instrument];
  if (open && closed > 0) {
    open->exit_size += spec.size(closed);
    open->exit_sum += spec.size(closed) * price;
    open->trip.exit_why = why;
    if (closed == std::abs(before)) end(fill.instrument, position, opening_fee, rate, now);
  }
  if (opened == 0) return;
  if (!open) begin(fill, account, opening_fee, now, why);
  open->entry_size += spec.size(opened);
  open->entry_sum += spec.size(opened) * price;
  open->trip.size = std::max(open->trip.size, spec.size(std::abs(position.size)));
  open->trip.notional += rate * spec.notional(opened, price) / (spec.contract == Contract::inverse ? price : 1.0);
}

void RoundTrips::on_mark(InstrumentId instrument, double unrealised) {
  if (instrument >= open_.size() || !open_[instrument]) return;
  RoundTrip& trip = open_[instrument]->trip;
  trip.worst = std::min(trip.worst, unrealised);
  trip.best = std::max(trip.best, unrealised);
}

void RoundTrips::finish(InstrumentId instrument, const Account& account, double rate, double mark, Nanos now) {
  if (instrument >= open_.size() || !open_[instrument]) return;
  const double unrealised = rate * to_double(account.unrealised(instrument, mark));
  open_[instrument]->trip.is_open = true;
  end(instrument, account.position(instrument), 0, rate, now);
  RoundTrip& trip = done_.back();
  trip.pnl += unrealised;
  trip.exit_price = mark;
  trip.exit_why = "end of run";
}

std::vector<RoundTrip> RoundTrips::take() { return std::exchange(done_, {}); }

}  // namespace millrace
