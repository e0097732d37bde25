#include "millrace/trading/rule_strategy.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace millrace {

namespace {

constexpr std::array<std::string_view, 7> condition_names{"entry_long", "entry_short", "exit_long", "exit_short",
                                                          "when",       "defensive",   ""};

std::vector<std::uint32_t> numbers_of(const RuleSet& set, bool conditions) {
  std::vector<std::uint32_t> found;
  for (std::uint32_t i = 0; i < set.rules.size(); ++i) {
    const bool is_condition =
        std::find(condition_names.begin(), condition_names.end(), set.rules[i].rule) != condition_names.end();
    if (is_condition == conditions) found.push_back(i);
  }
  return found;
}

}  // namespace

RuleStrategy::RuleStrategy(RuleSet rules, const Plan& plan, const Options& options)
    : rules_(std::move(rules)),
      options_(options),
      conditions_(rules_, numbers_of(rules_, true), plan),
      numbers_(rules_, numbers_of(rules_, false), plan),
      condition_rules_(numbers_of(rules_, true)) {
  for (std::size_t i = 0; i < condition_rules_.size(); ++i) {
    const std::string& rule = rules_.rules[condition_rules_[i]].rule;
    auto& list = rule == "entry_long"    ? long_entries_
                 : rule == "entry_short" ? short_entries_
                 : rule == "exit_long"   ? long_exits_
                 : rule == "exit_short"  ? short_exits_
                 : rule == "when"        ? when_
                                         : alarms_;
    list.push_back(i);
  }
  const std::vector<std::uint32_t> others = numbers_of(rules_, false);
  for (std::size_t i = 0; i < others.size(); ++i) {
    const std::string& rule = rules_.rules[others[i]].rule;
    (rule == "gain"    ? gain_
     : rule == "sigma" ? sigma_
     : rule == "stop"  ? stop_
     : rule == "trail" ? trail_
     : rule == "close" ? close_
                       : defensive_stop_) = i;
  }
}

RuleStrategy::Machine& RuleStrategy::machine(InstrumentId instrument) {
  if (instrument >= machines_.size()) machines_.resize(instrument + 1);
  return machines_[instrument];
}

std::uint8_t RuleStrategy::conditions(std::size_t row) const {
  const auto any = [&](const std::vector<std::size_t>& list) {
    return std::any_of(list.begin(), list.end(), [&](std::size_t i) { return conditions_.result(i)[row] == 1.0; });
  };
  std::uint8_t bits = 0;
  if (options_.has_overlay && any(alarms_)) bits |= alarm;
  if (!when_.empty() && !any(when_)) return bits;
  bits |= looked_at;
  if (any(long_entries_)) bits |= enter_long;
  if (any(short_entries_)) bits |= enter_short;
  if (any(long_exits_)) bits |= leave_long;
  if (any(short_exits_)) bits |= leave_short;
  return bits;
}

/// Entries are conditions that turn true: a row asks for attention where one does. The features are clustered, so an
/// instrument's rows come in their order.
void RuleStrategy::prepare(const MarketBatch& batch, std::span<std::uint8_t> attention) {
  const std::size_t rows = batch.features.order.size();
  for (std::size_t first = 0; first < rows; first += RuleProgram::block_rows) {
    const std::size_t count = std::min(RuleProgram::block_rows, rows - first);
    conditions_.run(batch.features, first, count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t row = batch.features.order[first + i];
      if ((batch.chunk.flags[row] & flag_within_bar) != 0) continue;  // nobody decides there
      std::uint8_t bits = conditions(i);
      Machine& at = machine(batch.chunk.instrument[row]);
      constexpr std::uint8_t entries = enter_long | enter_short;
      if ((bits & looked_at) != 0) {
        const auto now = static_cast<std::uint8_t>(bits & entries);
        bits = static_cast<std::uint8_t>(bits & ~(at.before & entries));
        at.before = now;
      }
      if ((bits & (entries | alarm)) != 0) bits |= must_see;
      attention[row] = bits;
    }
  }
}

void RuleStrategy::run_numbers(const Observation& row) { numbers_.run(row.batch->features, row.batch->at[row.row], 1); }

double RuleStrategy::number(const std::optional<std::size_t>& rule) const {
  return rule ? numbers_.result(*rule)[0] : no_value;
}

/// What leaving pays now: the side of the quote that takes it, else the last price.
double RuleStrategy::exit_price(const MarketRow& row, Side side) {
  if (!row.has_quote()) return row.price;
  return side == Side::buy ? row.bid : row.ask;
}

void RuleStrategy::on_row(const Observation& row, Desk& desk) {
  Machine& at = machine(row.market.instrument);
  if (desk.is_killed() && at.state != State::entering && at.state != State::exiting) {
    if (desk.position(row.market.instrument) != 0) return leave(row, at, desk, "kill_switch");
    at.state = State::halted;
  }
  if ((row.attention & alarm) != 0) at.regime.alarm(options_.overlay, row.now);
  if (at.state == State::cooldown && row.now >= at.idle_until) at.state = State::flat;
  if (at.state == State::open) return mind(row, at, desk);
  if (at.state == State::entering && (row.attention & (at.side == Side::buy ? leave_long : leave_short)) != 0) {
    at.leave_why = name_of_exit(row, at.side);
  }
  if (at.state != State::flat) return;
  if ((row.attention & enter_long) != 0) return enter(row, at, Side::buy, desk);
  if ((row.attention & enter_short) != 0) enter(row, at, Side::sell, desk);
}

void RuleStrategy::enter(const Observation& row, Machine& at, Side side, Desk& desk) {
  const std::string_view name = side == Side::buy ? "entry_long" : "entry_short";
  run_numbers(row);
  const double gain = number(gain_), sigma = number(sigma_);
  const InstrumentId instrument = row.market.instrument;
  const auto refuse = [&](std::string_view effect) { desk.signal(row, name, effect, sigma, gain); };
  if (side == Side::sell && !options_.may_go_short) return refuse("short_not_allowed");
  const bool is_spot = !desk.spec(instrument).is_derivative();
  if (side == Side::sell && is_spot && desk.fees(instrument).borrow_apr < 0.0) return refuse("short_not_allowed");
  if (options_.has_overlay && !options_.may_enter_defensive && at.regime.is_defensive(row.now))
    return refuse("defensive");
  if (!(sigma > 0.0)) return refuse("volatility_unknown");
  if (gain_ && !std::isfinite(gain)) return refuse("gain_unknown");
  const double share = options_.has_overlay ? at.regime.risk_share(options_.overlay, row.now) : 1.0;
  const Lots size = size_of(options_.sizing, desk, instrument, sigma, share);
  at.stop_distance = number(stop_);
  at.trail_distance = number(trail_);
  at.defensive_distance = number(defensive_stop_);
  if ((stop_ && !(at.stop_distance > 0.0)) || (trail_ && !(at.trail_distance > 0.0))) return refuse("stop_unknown");
  const double cost = size > 0 ? desk.round_trip_cost_bps(instrument, size) : no_value;
  at.order = desk.send({.instrument = instrument, .side = side, .size = size},
                       {.why = name, .expected_gain_bps = gain, .is_entry = true});
  desk.signal(row, name, at.order == 0 ? name_of(desk.objection()) : "order", sigma, gain, cost);
  if (at.order == 0) return;
  orders_.emplace(at.order, instrument);
  at.state = State::entering;
  at.side = side;
  at.share = share;
  at.leave_why = {};
}

std::string_view RuleStrategy::stopped(const Observation& row, const Machine& at) const {
  const double price = exit_price(row.market, at.side), sign = at.side == Side::buy ? 1.0 : -1.0;
  if (!(price > 0.0)) return {};
  // A distance that is not there compares as false.
  const double tight =
      options_.has_overlay && at.regime.is_defensive(row.now) ? at.defensive_distance : at.stop_distance;
  const double loss = sign * (at.entry_price - price);
  if (loss >= at.stop_distance || loss >= tight) return "stop";
  if (sign * (at.best - price) >= at.trail_distance) return "trailing_stop";
  return {};
}

/// What speaks for leaving an open position, in the order of urgency.
std::string_view RuleStrategy::reason_to_leave(const Observation& row, const Machine& at) {
  if (const std::string_view stop = stopped(row, at); !stop.empty()) return stop;
  if (!at.leave_why.empty()) return at.leave_why;
  if ((row.attention & (at.side == Side::buy ? leave_long : leave_short)) != 0) return name_of_exit(row, at.side);
  if (options_.time_stop > 0 && row.now - at.entered >= options_.time_stop) return "time_stop";
  return {};
}

void RuleStrategy::mind(const Observation& row, Machine& at, Desk& desk) {
  const std::string_view why = reason_to_leave(row, at);
  if (!why.empty()) return leave(row, at, desk, why);
  if (options_.has_overlay) defend(row, at, desk);
  // The best close so far; with `when` only finished bars count.
  if (!trail_ || (row.attention & looked_at) == 0) return;
  if (close_) run_numbers(row);
  const double price = close_ ? number(close_) : row.market.price, sign = at.side == Side::buy ? 1.0 : -1.0;
  if (price > 0.0 && sign * (price - at.best) > 0.0) at.best = price;
}

std::string_view RuleStrategy::name_of_exit(const Observation& row, Side side) {
  conditions_.run(row.batch->features, row.batch->at[row.row], 1);
  for (const std::size_t i : side == Side::buy ? long_exits_ : short_exits_) {
    if (conditions_.result(i)[0] == 1.0) return rules_.rules[condition_rules_[i]].name;
  }
  return "exit";
}

void RuleStrategy::leave(const Observation& row, Machine& at, Desk& desk, std::string_view why) {
  const InstrumentId instrument = row.market.instrument;
  const Lots held = desk.position(instrument);
  if (held == 0) {
    at.state = State::flat;
    return;
  }
  at.order = desk.send({.instrument = instrument,
                        .side = held > 0 ? Side::sell : Side::buy,
                        .size = std::abs(held),
                        .is_reduce_only = true},
                       {.why = why});
  const std::string_view exit = held > 0 ? "exit_long" : "exit_short";
  if (at.state != State::exiting) desk.signal(row, exit, at.order == 0 ? name_of(desk.objection()) : why, no_value);
  if (at.order == 0) return;  // tried again on the next row
  orders_.emplace(at.order, instrument);
  at.state = State::exiting;
}

/// While defensive no more is held than the defensive share of the risk: an alarm takes the rest off at once.
void RuleStrategy::defend(const Observation& row, Machine& at, Desk& desk) {
  const double share = options_.overlay.share;
  if (at.share <= share || !at.regime.is_defensive(row.now)) return;
  const InstrumentId instrument = row.market.instrument;
  const Lots held = desk.position(instrument);
  const auto surplus = static_cast<Lots>(static_cast<double>(std::abs(held)) * (1.0 - share / at.share));
  if (surplus >= desk.spec(instrument).min_size) {
    const OrderId order = desk.send(
        {.instrument = instrument, .side = held > 0 ? Side::sell : Side::buy, .size = surplus, .is_reduce_only = true},
        {.why = "defensive"});
    desk.signal(row, "defensive", order == 0 ? name_of(desk.objection()) : "order", no_value);
    if (order == 0) return;  // tried again on the next row
  }
  at.share = share;
}

void RuleStrategy::on_event(const ExchangeEvent& event, Desk& desk) {
  using Type = ExchangeEvent::Type;
  const InstrumentId instrument = event.fill.instrument;
  if (event.type == Type::filled || event.type == Type::settled) {
    Machine& at = machine(instrument);
    if (event.order == at.order && at.state == State::entering && !event.is_final) return;
    if (desk.position(instrument) == 0 && at.state != State::entering) {
      if (desk.find_order(at.order) == nullptr) orders_.erase(at.order);
      at = Machine{.state = State::cooldown,
                   .before = at.before,
                   .idle_until = desk.now() + options_.cooldown,
                   .regime = at.regime};
      return;
    }
  }
  const auto sent = orders_.find(event.order);
  if (sent == orders_.end() || desk.find_order(event.order) != nullptr) return;
  const InstrumentId id = sent->second;
  orders_.erase(sent);
  if (machine(id).order == event.order) settle(id, machine(id), desk);
}

/// The order has ended, one way or another; what is held says where we are.
void RuleStrategy::settle(InstrumentId instrument, Machine& at, Desk& desk) {
  at.order = 0;
  if (desk.position(instrument) == 0) {
    at.state = at.state == State::exiting ? State::cooldown : State::flat;
    at.idle_until = desk.now() + options_.cooldown;
    return;
  }
  if (at.state == State::entering) {
    at.entered = desk.now();
    at.entry_price = desk.account().position(instrument).entry_price(desk.spec(instrument));
    at.best = at.entry_price;
  }
  at.state = State::open;
}

}  // namespace millrace
