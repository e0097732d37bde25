#include "millrace/strategies/btc_eth_pairs.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "millrace/base/error.h"
#include "millrace/kernels/online_stats/ou_half_life.h"
#include "millrace/strategies/makers.h"

namespace millrace {

namespace {

enum Name : std::size_t { spread, variance, beta, alpha, level, beta_hour_ago, alarm };

std::string leg_text(const StrategySpec& spec, std::string_view name) {
  for (const Leg& one : spec.features.legs) {
    if (one.name == name && !one.instrument.empty()) return one.instrument;
  }
  fail(Fault::config, "{} needs quotes of two legs: expected --leg {}=VENUE:SYMBOL, was none", spec.name, name);
}

}  // namespace

/// A row tells something new where the innovation is another one than on the row before.
void BtcEthPairs::prepare(const MarketBatch& batch, std::span<std::uint8_t> attention) {
  const std::size_t rows = batch.features.order.size();
  for (std::size_t first = 0; first < rows; first += RuleProgram::block_rows) {
    const std::size_t count = std::min(RuleProgram::block_rows, rows - first);
    signals_.run(batch.features, first, count);
    for (std::size_t i = 0; i < count; ++i) {
      const double value = signals_.at(spread, i);
      if (!std::isfinite(value) || value == last_spread_) continue;
      last_spread_ = value;
      attention[batch.features.order[first + i]] = must_see;
    }
  }
}

void BtcEthPairs::find_legs(const Desk& desk) {
  const SpecBook& specs = desk.account().specs();
  for (InstrumentId id = 0; id < specs.size(); ++id) {
    const std::string name = specs[id].venue + ":" + specs[id].symbol;
    if (name == options_.eth) legs_[eth] = id;
    if (name == options_.btc) legs_[btc] = id;
  }
}

void BtcEthPairs::on_row(const Observation& row, Desk& desk) {
  if (legs_[btc] == no_instrument) find_legs(desk);
  learn(row);
  decide(row, desk);
}

/// The filter shows its coefficients after the update, and the innovation from before it.
void BtcEthPairs::learn(const Observation& row) {
  signals_.read(row);
  before_ = model_;
  model_ = {.alpha = signals_[alpha], .beta = signals_[beta]};
  spread_ = signals_[spread];
  sigma_ = std::sqrt(signals_[variance]);
  alarm_ = signals_[alarm];
  beta_hour_ago_ = signals_[beta_hour_ago];
  y_ = signals_[level];
  x_ = (y_ - before_.alpha - spread_) / before_.beta;  // the innovation is y - beta x - alpha
  const Nanos step = row.market.ts_event / options_.slow_step;
  if (step == sampled_ || !std::isfinite(x_)) return;
  sampled_ = step;
  history_.push_back({y_, x_});
  if (history_.size() > options_.half_life_window + 1) history_.pop_front();
}

void BtcEthPairs::decide(const Observation& row, Desk& desk) {
  if (state_ == State::cooldown && row.now >= idle_until_) state_ = State::flat;
  const double z = spread_ / sigma_;
  const bool is_low = z<-options_.entry_z, is_high = z> options_.entry_z;
  const bool turns_low = is_low && !was_low_, turns_high = is_high && !was_high_;
  was_low_ = is_low;
  was_high_ = is_high;
  if (state_ == State::open || state_ == State::exiting) return mind(row, desk);
  if (state_ != State::flat || desk.is_killed() || !(turns_low || turns_high)) return;
  const std::string_view name = turns_low ? "entry_long" : "entry_short";
  if (const std::string_view why = objection(row, desk); !why.empty()) {
    return desk.signal(row, name, why, z, 1e4 * std::abs(spread_));
  }
  enter(row, turns_low ? Side::buy : Side::sell, desk);
}

/// What speaks against an entry before its size is known.
std::string_view BtcEthPairs::objection(const Observation& row, const Desk& desk) const {
  const double drift = std::abs(model_.beta / beta_hour_ago_ - 1.0);
  if (!(before_.beta > 0.0) || !(drift <= options_.beta_drift_max)) return "hedge_ratio_moves";
  if (alarm_ != 0.0) return "alarm";  // null is not "none"
  if (history_.size() <= options_.half_life_window) return "half_life_unknown";
  const double half_life = half_life_s(before_) * 1e9;
  if (!(half_life >= static_cast<double>(options_.half_life_least))) return "half_life_too_short";
  if (!(half_life <= static_cast<double>(options_.half_life_most))) return "half_life_too_long";
  const Nanos age = row.market.ts_event - desk.last(legs_[btc]).ts_event;
  if (age > options_.tolerance || !desk.last(legs_[btc]).has_quote()) return "leg_stale";
  return {};
}

/// Of the spread that these coefficients would have had over the history, in s; NaN where it does not revert.
double BtcEthPairs::half_life_s(const Model& model) const {
  std::vector<double> spreads;
  spreads.reserve(history_.size());
  OuHalfLife::State sums{};
  const OuHalfLife::Params params{.window = {.rows = static_cast<std::int64_t>(options_.half_life_window)}};
  double steps = no_value;
  for (const Sample& one : history_) {
    spreads.push_back(model.spread(one.y, one.x));
    steps = OuHalfLife::update(params, sums, Past{&spreads.back(), spreads.size()})[0];
  }
  return steps * static_cast<double>(options_.slow_step) / 1e9;
}

/// Of the position, in the account's asset, with its sign.
double BtcEthPairs::worth(Leg leg, const Desk& desk) const {
  const InstrumentId id = legs_[leg];
  const Lots size = desk.position(id);
  return static_cast<double>(size < 0 ? -1 : 1) * desk.spec(id).notional(size, desk.mark(id)) * desk.rate(id);
}

/// What of the ETH leg's hedge is missing or too much, as a share of both legs.
double BtcEthPairs::unhedged(const Desk& desk) const {
  const double eth_worth = worth(eth, desk), btc_worth = worth(btc, desk);
  return std::abs(frozen_.beta * eth_worth + btc_worth) / (std::abs(frozen_.beta * eth_worth) + std::abs(btc_worth));
}

void BtcEthPairs::enter(const Observation& row, Side side, Desk& desk) {
  const std::string_view name = side == Side::buy ? "entry_long" : "entry_short";
  const double z = spread_ / sigma_, gain = 1e4 * std::abs(spread_);
  double cost = no_value;
  const auto refuse = [&](std::string_view effect) { desk.signal(row, name, effect, z, gain, cost); };
  const Leg shorted = side == Side::buy ? btc : eth;
  if (!desk.spec(legs_[shorted]).is_derivative() && desk.fees(legs_[shorted]).borrow_apr < 0.0) {
    return refuse("short_not_allowed");
  }
  const InstrumentSpec &eth_spec = desk.spec(legs_[eth]), &btc_spec = desk.spec(legs_[btc]);
  const Lots eth_size = size_of(options_.sizing, desk, legs_[eth], sigma_);
  const double eth_worth = eth_spec.notional(eth_size, desk.mark(legs_[eth])) * desk.rate(legs_[eth]);
  const double of_one = btc_spec.notional(1'000'000, desk.mark(legs_[btc])) * desk.rate(legs_[btc]) / 1e6;
  const double wanted = before_.beta * eth_worth;
  const auto btc_size = static_cast<Lots>(std::llround(wanted / of_one));
  if (eth_size == 0 || btc_size == 0 || std::abs(static_cast<double>(btc_size) * of_one - wanted) > 0.02 * wanted) {
    return refuse("size_too_small");
  }
  cost = desk.round_trip_cost_bps(legs_[eth], eth_size) + before_.beta * desk.round_trip_cost_bps(legs_[btc], btc_size);
  if (!(gain >= desk.edge_multiple() * cost)) return refuse("no_edge");
  const std::array requests{OrderRequest{.instrument = legs_[eth], .side = side, .size = eth_size},
                            OrderRequest{.instrument = legs_[btc], .side = opposite(side), .size = btc_size}};
  const Decision decision{.why = name, .is_entry = true};
  for (const OrderRequest& one : requests) {
    const OrderReason objection = desk.objection_to(one, decision);
    if (objection != OrderReason::none) return refuse(name_of(objection));
  }
  frozen_ = before_;
  frozen_sigma_ = sigma_;
  side_ = side;
  brought_before_ = brought(desk);
  for (const OrderRequest& one : requests) {
    const OrderId order = desk.send(one, decision);
    if (order != 0) orders_.emplace(order, one.instrument);
  }
  refuse(orders_.size() == 2 ? "order" : name_of(desk.objection()));
  if (!orders_.empty()) state_ = State::entering;
}

void BtcEthPairs::mind(const Observation& row, Desk& desk) {
  if (!orders_.empty()) return;
  if (state_ == State::exiting) return leave(row, desk, "again");
  const double z = frozen_.spread(y_, x_) / frozen_sigma_;
  const bool has_crossed = side_ == Side::buy ? z > 0.0 : z < 0.0;
  if (desk.is_killed()) return leave(row, desk, "kill_switch");
  if (unhedged(desk) > unhedged_max) return leave(row, desk, "leg_missing");
  if (has_crossed || std::abs(z) < options_.exit_z) return leave(row, desk, "reverted");
  if (std::abs(z) > options_.stop_z) return leave(row, desk, "stop");
  if (row.now - entered_ >= options_.time_stop) return leave(row, desk, "time_stop");
  if (std::abs(alarm_) > 0.0) leave(row, desk, "alarm");
}

/// Closes both legs; what a guard stops is tried again with the next observation.
void BtcEthPairs::leave(const Observation& row, Desk& desk, std::string_view why) {
  if (state_ != State::exiting) {
    desk.signal(row, side_ == Side::buy ? "exit_long" : "exit_short", why, frozen_.spread(y_, x_) / frozen_sigma_);
  }
  state_ = State::exiting;
  for (const InstrumentId id : legs_) {
    const Lots held = desk.position(id);
    if (held == 0) continue;
    const OrderId order = desk.send(
        {.instrument = id, .side = held > 0 ? Side::sell : Side::buy, .size = std::abs(held), .is_reduce_only = true},
        {.why = why});
    if (order != 0) orders_.emplace(order, id);
  }
  if (orders_.empty()) after_exit(desk);
}

void BtcEthPairs::on_event(const ExchangeEvent& event, Desk& desk) {
  const auto at = orders_.find(event.order);
  if (at == orders_.end() || desk.find_order(event.order) != nullptr) return;
  orders_.erase(at);
  if (!orders_.empty()) return;
  if (state_ == State::entering) after_entry(desk);
  if (state_ == State::exiting) after_exit(desk);
}

void BtcEthPairs::after_entry(Desk& desk) {
  entered_ = desk.now();
  state_ = desk.position(legs_[eth]) == 0 && desk.position(legs_[btc]) == 0 ? State::flat : State::open;
  if (state_ == State::flat) return;
  const Observation row{.market = desk.last(legs_[eth]), .now = desk.now()};
  desk.signal(row, "hedge", "net exposure to beta", unhedged(desk));
}

void BtcEthPairs::after_exit(Desk& desk) {
  if (desk.position(legs_[eth]) != 0 || desk.position(legs_[btc]) != 0) return;
  state_ = State::cooldown;
  idle_until_ = desk.now() + options_.cooldown;
  const Observation row{.market = desk.last(legs_[eth]), .now = desk.now()};
  desk.signal(row, "pair", "closed", brought(desk) - brought_before_);
}

/// By both legs so far, fees taken off, in the account's asset.
double BtcEthPairs::brought(const Desk& desk) const {
  double sum = 0.0;
  for (const InstrumentId id : legs_) {
    const Position& one = desk.account().position(id);
    if (one.fills == 0) continue;
    sum += desk.rate(id) * to_double(one.realised - one.fees + one.funding + one.borrow);
  }
  return sum;
}

std::unique_ptr<Strategy> make_btc_eth_pairs(const StrategySpec& spec, const RuleSet& rules, const Plan& plan) {
  BtcEthPairs::Options options{
      .eth = leg_text(spec, "eth"),
      .btc = leg_text(spec, "btc"),
      .sizing = {.risk = spec.number("risk"), .k = spec.number("k_sigma"), .cap = spec.number("cap")},
      .entry_z = spec.number("entry_z"),
      .exit_z = spec.number("exit_z"),
      .stop_z = spec.number("stop_z"),
      .beta_drift_max = spec.number("beta_drift_max"),
      .half_life_least = spec.duration("half_life_least"),
      .half_life_most = spec.duration("half_life_most"),
      .half_life_window = static_cast<std::size_t>(spec.number("half_life_window")),
      .slow_step = spec.duration("slow_step"),
      .tolerance = spec.duration("tolerance"),
      .time_stop = spec.duration("time_stop"),
      .cooldown = spec.duration("cooldown")};
  if (options.eth.substr(0, options.eth.find(':')) != options.btc.substr(0, options.btc.find(':'))) {
    fail(Fault::config, "{}: expected both legs at one venue, was eth={} btc={}", spec.name, options.eth, options.btc);
  }
  return std::make_unique<BtcEthPairs>(
      std::move(options),
      Signals(spec, rules, plan, {"spread", "variance", "beta", "alpha", "level", "beta_hour_ago", "alarm"}));
}

}  // namespace millrace
