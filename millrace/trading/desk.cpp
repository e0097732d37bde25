#include "millrace/trading/desk.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "millrace/base/error.h"

namespace millrace {

namespace {

constexpr std::size_t var_rank = 5;                           // of the 100 returns: 1 in 20
constexpr std::uint64_t most_samples_of_a_silence = 200'000;  // 138 days of minutes; a longer one is one step

}  // namespace

Desk::Desk(const DeskOptions& options, const SpecBook& specs, const FeeTable& fees, Rates rates, Exchange& exchange,
           Strategy& strategy)
    : options_(options),
      fee_table_(fees),
      account_(specs),
      rates_(std::move(rates)),
      exchange_(exchange),
      strategy_(strategy),
      looks_between_marks_(strategy.looks_between_marks()) {}

Desk::Seat& Desk::seat(InstrumentId instrument) {
  if (instrument >= seats_.size()) seats_.resize(instrument + 1);
  return seats_[instrument];
}

const Desk::Seat* Desk::find_seat(InstrumentId instrument) const {
  return instrument < seats_.size() && seats_[instrument].is_known ? &seats_[instrument] : nullptr;
}

void Desk::on_row(const MarketBatch& batch, std::uint32_t row, std::uint8_t attention, Nanos now) {
  now_ = std::max(now_, now);
  if (now_ >= next_sample_) sample_until(now_);
  const MarketRow& market = batch.rows[row];
  const InstrumentId instrument = market.instrument;
  Seat& one = instrument < seats_.size() ? seats_[instrument] : seat(instrument);
  if (options_.closes_at_gap) look_for_gap(one, market.ts_event);
  one.batch = &batch;
  one.row = row;
  one.is_known = true;
  const bool is_held = one.is_listed;
  const bool is_wanted = (attention & Strategy::must_see) != 0 ||
                         (looks_between_marks_ && (one.open_orders > 0 || is_held || one.is_watched));
  if (markouts_.is_due(now_)) [[unlikely]] {
    markouts_.take(now_, log_.fills);
  }
  const bool has_markouts = markouts_.waits_for(instrument);
  if (!is_wanted && !has_markouts && !is_held) return;
  if (has_markouts && market.has_quote()) {
    markouts_.on_mid(instrument, market.mark(), market.ts_event);
  }
  if (is_held) follow(one, market);
  if (one.must_close) [[unlikely]] {
    close_after_gap(instrument);
  }
  if (is_wanted) {
    strategy_.on_row({.market = market, .now = now_, .batch = &batch, .row = row, .attention = attention}, *this);
  }
}

void Desk::look_for_gap(Seat& one, Nanos ts) {
  if (one.last != no_time && ts - one.last > options_.most_gap && one.is_listed) one.must_close = true;
  one.last = std::max(one.last, ts);
}

/// What the strategy thought before the silence is no longer worth anything: orders go, and the position at the market;
/// what a guard stops is tried again on the next row.
void Desk::close_after_gap(InstrumentId instrument) {
  const Lots held = position(instrument);
  if (held == 0) {
    seat(instrument).must_close = false;
    return;
  }
  if (find_order(seat(instrument).closing) != nullptr) return;
  std::vector<OrderId> opening;
  for (const auto& [id, one] : open_) {
    if (one.record.order.instrument == instrument && !one.record.order.is_reduce_only) opening.push_back(id);
  }
  for (const OrderId id : opening) cancel(id);
  const OrderId closing = send({.instrument = instrument,
                                .side = held > 0 ? Side::sell : Side::buy,
                                .size = std::abs(held),
                                .is_reduce_only = true},
                               {.why = "gap"});
  seat(instrument).closing = closing;
}

/// The best and worst of an open position lie at the farthest marks between two fills, which are looked at when the
/// next one comes; where the rate moves too, at any.
void Desk::follow(Seat& one, const MarketRow& market) {
  const double mark = market.mark();
  if (!std::isfinite(mark) || (mark >= one.lowest && mark <= one.highest)) return;
  if (one.has_moving_rate) {
    trips_.on_mark(market.instrument, unrealised(market.instrument, mark));
    return;
  }
  one.lowest = std::min(one.lowest, mark);
  one.highest = std::max(one.highest, mark);
}

/// To be called before what is held changes.
void Desk::look_back(InstrumentId instrument) {
  const Seat& one = seat(instrument);
  if (one.lowest > one.highest) return;  // nothing was followed
  for (const double mark : {one.lowest, one.highest}) trips_.on_mark(instrument, unrealised(instrument, mark));
}

double Desk::unrealised(InstrumentId instrument, double mark) const {
  return rate(instrument) * to_double(account_.unrealised(instrument, mark));
}

void Desk::release(const MarketBatch& batch) {
  for (InstrumentId id = 0; id < seats_.size(); ++id) {
    Seat& one = seats_[id];
    if (one.batch != &batch) continue;
    one.stored = batch.rows[one.row];
    one.stored_guards = guards(id);
    one.batch = nullptr;
  }
}

MarketRow Desk::last(InstrumentId instrument) const {
  const Seat* one = find_seat(instrument);
  return one == nullptr ? MarketRow{.instrument = instrument} : one->newest();
}

GuardValues Desk::guards(InstrumentId instrument) const {
  const Seat* one = find_seat(instrument);
  GuardValues values;
  if (one == nullptr) {
    values.fill(no_value);
    return values;
  }
  if (one->batch == nullptr) return one->stored_guards;
  for (std::size_t i = 0; i < guard_columns; ++i) values[i] = one->batch->value(options_.guards[i], one->row);
  return values;
}

double Desk::mark(InstrumentId instrument) const {
  const Seat* one = find_seat(instrument);
  return one == nullptr ? no_value : one->newest().mark();
}

double Desk::rate(InstrumentId instrument) const {
  return rates_.rate(spec(instrument).settle(), [this](InstrumentId id) { return mark(id); });
}

InstrumentId Desk::rate_source(InstrumentId instrument) const { return rates_.source(spec(instrument).settle()); }

const VenueFees& Desk::fees(InstrumentId instrument) const {
  const VenueFees* fees = fee_table_.find(spec(instrument).venue);
  if (fees == nullptr) {
    fail(Fault::config, "fees: expected a table of {}, there is none", spec(instrument).venue);
  }
  return *fees;
}

double Desk::equity() const {
  const auto mark_of = [this](InstrumentId id) { return mark(id); };
  double sum = 0.0;
  for (const Wallet& wallet : account_.wallets()) {
    if (wallet.cash != 0) sum += to_double(wallet.cash) * rates_.rate(wallet.asset, mark_of);
  }
  for (const InstrumentId id : held_) {
    const double value = mark(id);
    const Position& position = account_.position(id);
    const Amount worth =
        spec(id).is_derivative() ? account_.unrealised(id, value) : spec(id).value_at(position.size, value);
    sum += to_double(worth) * rate(id);
  }
  return sum;
}

double Desk::exposure(InstrumentId instrument, Lots size) const {
  if (size == 0) return 0.0;
  const double worth = to_double(spec(instrument).value_at(size, mark(instrument))) * rate(instrument);
  return spec(instrument).contract == Contract::inverse ? -worth : worth;
}

void Desk::sample_until(Nanos now) {
  if (next_sample_ == no_time) {
    if (!std::isfinite(equity())) return;  // a rate has not been told yet
    next_sample_ = now / options_.equity_step * options_.equity_step;
    day_ = now / one_day;
    day_start_equity_ = equity();
    sample(now);
    next_sample_ += options_.equity_step;
  }
  for (std::uint64_t i = 0; next_sample_ <= now && i < most_samples_of_a_silence; ++i) {
    sample(next_sample_);
    if (next_sample_ / one_day != day_) {
      day_ = next_sample_ / one_day;
      day_start_equity_ = equity();
    }
    next_sample_ += options_.equity_step;
  }
  if (next_sample_ <= now) next_sample_ = (now / options_.equity_step + 1) * options_.equity_step;
}

void Desk::sample(Nanos at) {
  EquityPoint point{.ts = at, .equity = equity()};
  const auto mark_of = [this](InstrumentId id) { return mark(id); };
  for (const Wallet& wallet : account_.wallets()) {
    if (wallet.cash != 0) point.cash += to_double(wallet.cash) * rates_.rate(wallet.asset, mark_of);
  }
  for (const InstrumentId id : held_) {
    const double value = exposure(id, position(id));
    point.gross_exposure += std::abs(value);
    point.net_exposure += value;
  }
  point.open_positions = static_cast<std::uint32_t>(held_.size());
  for (InstrumentId id = 0; id < account_.instruments(); ++id) {
    const Position& one = account_.position(id);
    if (one.fills == 0) continue;
    const double worth = rate(id);
    point.realised += worth * to_double(one.realised);
    point.fees += worth * to_double(one.fees);
    point.funding += worth * to_double(one.funding);
    point.borrow += worth * to_double(one.borrow);
  }
  log_.equity.push_back(point);
  watch_equity(point.equity);
}

/// The kill switch's daily loss and value at risk, which is the empirical quantile of the account's own equity.
void Desk::watch_equity(double equity) {
  if (day_start_equity_ - equity > options_.limits.kill_loss_max * day_start_equity_) kill("daily loss");
  if (last_equity_ > 0.0) returns_[return_count_++ % returns_.size()] = equity / last_equity_ - 1.0;
  last_equity_ = equity;
  if (return_count_ < returns_.size() || held_.empty()) return;
  std::array<double, std::tuple_size_v<decltype(returns_)>> sorted = returns_;
  std::nth_element(sorted.begin(), sorted.begin() + (var_rank - 1), sorted.end());
  if (-sorted[var_rank - 1] > options_.limits.var_max) kill("value at risk");
}

void Desk::on_clock_offset(std::string_view venue, Nanos offset) {
  if (std::abs(offset) <= options_.limits.clock_offset_max) return;
  kill(fmt::format("clock offset to {} of {} ms", venue, offset / 1'000'000));
}

void Desk::watch(InstrumentId instrument, bool is_watched) { seat(instrument).is_watched = is_watched; }

void Desk::signal(const Observation& row, std::string_view name, std::string_view effect, double value, double gain_bps,
                  double cost_bps) {
  log_.signals.push_back({.ts = row.market.ts_event,
                          .instrument = row.market.instrument,
                          .signal = std::string(name),
                          .effect = std::string(effect),
                          .value = value,
                          .expected_gain_bps = gain_bps,
                          .expected_cost_bps = cost_bps,
                          .price = row.market.mark()});
}

void Desk::finish(Nanos now) {
  now_ = std::max(now_, now);
  strategy_.on_end(*this);
  while (!open_.empty()) end_order(open_.begin()->first, "open", OrderReason::end_of_run);
  for (const InstrumentId id : held_) {
    look_back(id);
    trips_.finish(id, account_, rate(id), mark(id), now_);
  }
  for (RoundTrip& trip : trips_.take()) log_.trades.push_back(std::move(trip));
  markouts_.take(no_time, log_.fills);
  if (next_sample_ != no_time) sample(now_);
}

}  // namespace millrace
