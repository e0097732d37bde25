#include "millrace/strategies/funding_carry.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/kernels/crypto/cash_and_carry_edge.h"
#include "millrace/strategies/base_lots.h"
#include "millrace/strategies/makers.h"

namespace millrace {

namespace {

enum Name : std::size_t { funding, interval, basis_sd };

std::string leg_text(const StrategySpec& spec, std::string_view name) {
  for (const Leg& one : spec.features.legs) {
    if (one.name == name && !one.instrument.empty()) return one.instrument;
  }
  fail(Fault::config, "{} needs a spot leg and a derivative: expected --leg {}=VENUE:SYMBOL, was none", spec.name,
       name);
}

double half_spread_bps(const MarketRow& row) { return 0.5e4 * (row.ask - row.bid) / (0.5 * (row.ask + row.bid)); }

}  // namespace

/// Decisions are slow: one row of each instrument a minute, and those that tell of funding.
void FundingCarry::prepare(const MarketBatch& batch, std::span<std::uint8_t> attention) {
  for (std::size_t row = 0; row < batch.chunk.rows(); ++row) {
    const InstrumentId id = batch.chunk.instrument[row];
    if (id >= prepared_.size()) prepared_.resize(id + 1, no_time);
    const Nanos step = batch.chunk.ts_event[row] / options_.decide_every;
    if (step == prepared_[id] && static_cast<Kind>(batch.chunk.kind[row]) != Kind::funding) continue;
    prepared_[id] = step;
    attention[row] = must_see;
  }
}

void FundingCarry::find_legs(Desk& desk) {
  const SpecBook& specs = desk.account().specs();
  for (InstrumentId id = 0; id < specs.size(); ++id) {
    const std::string name = specs[id].venue + ":" + specs[id].symbol;
    if (name == options_.spot) spot_ = id;
    if (name == options_.perp) perp_ = id;
  }
  if (spot_ == no_instrument || perp_ == no_instrument) return;
  const InstrumentSpec &spot = specs[spot_], &perp = specs[perp_];
  if (spot.is_derivative()) fail(Fault::config, "--leg spot={}: expected a spot instrument", options_.spot);
  if (perp.contract != Contract::linear || perp.base != spot.base) {
    fail(Fault::config, "--leg perp={}: expected a linear perpetual or dated future of {}", options_.perp, spot.base);
  }
}

void FundingCarry::on_row(const Observation& row, Desk& desk) {
  if (spot_ == no_instrument || perp_ == no_instrument) find_legs(desk);
  if (row.market.instrument != perp_) return;  // one leg's clock, so that a move is not seen in one leg first
  learn(row);
  if (spot_ == no_instrument || !orders_.empty()) return;
  if (!desk.last(spot_).has_quote() || !desk.last(perp_).has_quote()) return;
  if (state_ == State::exiting) return leave(desk, "again");
  if (state_ == State::cooldown && row.now >= idle_until_) state_ = State::flat;
  const Edge now = edge(desk);
  if (state_ == State::open) return mind(row, now, desk);
  const bool is_worth_it = now.apr_bps > options_.apr_min_bps && now.bps > 0.0;
  const bool turns = is_worth_it && !was_worth_it_;
  was_worth_it_ = is_worth_it && state_ == State::flat;  // after a rest it counts anew
  if (turns && state_ == State::flat && !desk.is_killed()) enter(row, now, desk);
}

/// What the derivative's rows tell. A stamp that has passed is judged by what was expected before it.
void FundingCarry::learn(const Observation& row) {
  const MarketRow& market = row.market;
  if (stamp_ != no_time && market.ts_event >= stamp_) {
    negative_stamps_ = funding_ < 0.0 ? negative_stamps_ + 1 : 0;
    stamp_ = no_time;
  }
  if (market.next_funding_ns != no_time && market.next_funding_ns > market.ts_event) stamp_ = market.next_funding_ns;
  signals_.read(row);
  if (std::isfinite(signals_[funding])) funding_ = signals_[funding];
  if (std::isfinite(signals_[interval])) interval_s_ = signals_[interval];
  if (std::isfinite(signals_[basis_sd])) basis_sd_ = signals_[basis_sd];
}

/// Of selling the derivative at its bid and buying spot at its ask now, and of undoing both after the holding time.
FundingCarry::Edge FundingCarry::edge(const Desk& desk) const {
  const MarketRow spot = desk.last(spot_), perp = desk.last(perp_);
  const double spot_fee = desk.fees(spot_).applied().taker_bps, perp_fee = desk.fees(perp_).applied().taker_bps;
  CashAndCarryEdge::Params params{.hold = options_.hold, .basis_capture = options_.basis_capture};
  double expected = funding_,
         seconds = std::isfinite(interval_s_) ? interval_s_ : 1e-9 * static_cast<double>(options_.interval);
  if (is_dated(desk)) {  // the basis closes at the end, and nothing is paid on the way
    params.hold = std::max(desk.spec(perp_).expiry - desk.now(), one_day);
    params.basis_capture = 1.0;
    expected = 0.0;
  }
  const double years = static_cast<double>(params.hold) / (365.0 * static_cast<double>(one_day));
  params.fee_bps = {.count = 4, .bps = {perp_fee, spot_fee, perp_fee, spot_fee}};
  params.other_bps.bps[0] =
      half_spread_bps(spot) + half_spread_bps(perp) + options_.slippage_bps + 1e4 * options_.borrow_apr * years;
  const auto [bps, apr_bps] = CashAndCarryEdge::update(params, perp.bid, spot.ask, expected, seconds);
  return {bps, apr_bps, 2.0 * (spot_fee + perp_fee) + params.other_bps.bps[0]};
}

double FundingCarry::basis(const Desk& desk) const {
  const MarketRow spot = desk.last(spot_), perp = desk.last(perp_);
  return (perp.bid + perp.ask) / (spot.bid + spot.ask) - 1.0;
}

double FundingCarry::base(InstrumentId instrument, const Desk& desk) const {
  return base_of(desk.spec(instrument), desk.position(instrument));
}

/// By the cap, the cash of the spot wallet, and a margin that keeps leverage and liquidation price away.
double FundingCarry::affordable_base(const Desk& desk) const {
  constexpr double reserve = 0.98;  // for what moves until the orders are filled
  const InstrumentSpec &spot = desk.spec(spot_), &perp = desk.spec(perp_);
  const MarketRow spot_row = desk.last(spot_), perp_row = desk.last(perp_);
  const double paid = spot_row.ask * (1.0 + 1e-4 * desk.fees(spot_).applied().taker_bps);
  // Liquidated at (cash + base price) / (base (1 + m)): that is to be `margin_entry` above the price.
  const double margin =
      std::max(1.0 / options_.leverage_max, (1.0 + options_.margin_entry) * (1.0 + perp.maintenance_share) - 1.0);
  const double bound = perp_row.bid * margin;
  const double spot_cash = to_double(desk.account().cash(spot.venue, spot.settle()));
  const double perp_cash = to_double(desk.account().cash(perp.venue, perp.settle()));
  const bool is_one_wallet = spot.venue == perp.venue && spot.settle() == perp.settle();
  const double by_cash = is_one_wallet ? spot_cash / (paid + bound) : std::min(spot_cash / paid, perp_cash / bound);
  const double dearer = std::max(spot_row.ask * desk.rate(spot_), perp_row.ask * desk.rate(perp_));
  const double by_cap = options_.cap * desk.equity() / dearer;
  return std::min(reserve * by_cash, by_cap);
}

/// How far the derivative may rise before it is liquidated, as a share of its mark.
double FundingCarry::margin_distance(const Desk& desk) const {
  const InstrumentSpec& perp = desk.spec(perp_);
  const double size = -base(perp_, desk), mark = desk.mark(perp_);
  if (!(size > 0.0)) return no_value;
  const double equity =
      to_double(desk.account().cash(perp.venue, perp.settle()) + desk.account().unrealised(perp_, mark));
  return (equity + size * mark) / (size * (1.0 + perp.maintenance_share)) / mark - 1.0;
}

void FundingCarry::tell(std::string_view name, std::string_view effect, double value, Desk& desk, double gain,
                        double cost) const {
  desk.signal({.market = desk.last(perp_), .now = desk.now()}, name, effect, value, gain, cost);
}

bool FundingCarry::send(const OrderRequest& request, const Decision& decision, Desk& desk) {
  const OrderId order = desk.send(request, decision);
  if (order != 0) orders_.emplace(order, request.instrument);
  return order != 0;
}

void FundingCarry::enter(const Observation& row, const Edge& edge, Desk& desk) {
  const InstrumentSpec &spot = desk.spec(spot_), &perp = desk.spec(perp_);
  const double gain = edge.bps + edge.cost_bps;
  const auto refuse = [&](std::string_view effect) {
    tell("entry", effect, edge.apr_bps, desk, gain, edge.cost_bps);
    state_ = State::cooldown;  // looked at again after a rest
    idle_until_ = row.now + options_.cooldown;
  };
  if (!(gain >= desk.edge_multiple() * edge.cost_bps)) return refuse("no_edge");
  const double wanted = common_base(spot, perp, std::max(affordable_base(desk), 0.0));
  if (wanted == 0.0) return refuse("size_too_small");
  const std::array requests{OrderRequest{.instrument = perp_, .side = Side::sell, .size = lots_of_base(perp, wanted)},
                            OrderRequest{.instrument = spot_, .side = Side::buy, .size = lots_of_base(spot, wanted)}};
  const Decision decision{.why = "entry", .is_entry = true};
  for (const OrderRequest& one : requests) {
    const OrderReason objection = desk.objection_to(one, decision);
    if (objection != OrderReason::none) return refuse(name_of(objection));
  }
  std::size_t sent = 0;
  for (const OrderRequest& one : requests) sent += send(one, decision, desk) ? 1 : 0;
  if (sent == 0) return refuse(name_of(desk.objection()));
  state_ = State::entering;
  entry_basis_ = basis(desk);
  negative_stamps_ = 0;
  tell("entry", sent == 2 ? "order" : name_of(desk.objection()), edge.apr_bps, desk, gain, edge.cost_bps);
}

void FundingCarry::mind(const Observation&, const Edge& edge, Desk& desk) {
  const std::string_view why = reason_to_leave(edge, desk);
  if (!why.empty()) return leave(desk, why);
  keep_neutral(desk);
}

std::string_view FundingCarry::reason_to_leave(const Edge& edge, const Desk& desk) const {
  if (desk.is_killed()) return "kill_switch";
  if (desk.position(perp_) == 0 || desk.position(spot_) == 0) return "leg_missing";
  if (margin_distance(desk) < options_.margin_exit) return "margin";
  if (!is_dated(desk)) {
    if (negative_stamps_ >= options_.negative_stamps_max) return "funding_negative";
    if (edge.apr_bps < 0.0) return "edge_gone";
  }
  // What is within the spreads is no rise, however quiet the basis has been.
  const double spreads = 2e-4 * (half_spread_bps(desk.last(spot_)) + half_spread_bps(desk.last(perp_)));
  if (basis(desk) - entry_basis_ > std::max(options_.basis_sd_max * basis_sd_, spreads)) return "basis_wide";
  return {};
}

/// Brings the derivative back to the size of the spot leg.
void FundingCarry::keep_neutral(Desk& desk) {
  const double held = base(spot_, desk), delta = held + base(perp_, desk);
  if (!(std::abs(delta) > options_.delta_max * held)) return;
  const InstrumentSpec& perp = desk.spec(perp_);
  const Lots size = lots_of_base(perp, std::abs(delta));
  if (size < perp.min_size) return;
  const OrderRequest request{.instrument = perp_, .side = delta > 0.0 ? Side::sell : Side::buy, .size = size};
  const bool is_sent = send(request, {.why = "delta", .is_hedge = true}, desk);
  tell("delta", is_sent ? "order" : name_of(desk.objection()), delta / held, desk);
}

/// Closes both legs; what a guard stops is tried again.
void FundingCarry::leave(Desk& desk, std::string_view why) {
  if (state_ != State::exiting) tell("exit", why, basis(desk), desk);
  state_ = State::exiting;
  for (const InstrumentId id : {perp_, spot_}) {
    const Lots held = desk.position(id);
    if (held == 0) continue;
    send({.instrument = id, .side = held > 0 ? Side::sell : Side::buy, .size = std::abs(held), .is_reduce_only = true},
         {.why = why}, desk);
  }
  if (orders_.empty()) settle(desk);
}

void FundingCarry::on_event(const ExchangeEvent& event, Desk& desk) {
  using Type = ExchangeEvent::Type;
  if (event.type == Type::funding && event.fill.instrument == perp_) {
    const double amount = desk.rate(perp_) * to_double(event.amount);
    ++stamps_held_;
    funding_booked_ += amount;
    tell("funding", amount > 0.0 ? "received" : "paid", amount, desk);
  }
  if (event.type == Type::settled && event.fill.instrument == perp_ && state_ != State::exiting) {
    return leave(desk, "expiry");
  }
  const auto at = orders_.find(event.order);
  if (at == orders_.end() || desk.find_order(event.order) != nullptr) return;
  orders_.erase(at);
  if (orders_.empty()) settle(desk);
}

/// All orders have ended: what is held says where we are.
void FundingCarry::settle(Desk& desk) {
  const bool is_flat = desk.position(perp_) == 0 && desk.position(spot_) == 0;
  if (is_flat && state_ != State::flat) {
    state_ = State::cooldown;
    idle_until_ = desk.now() + options_.cooldown;
  } else if (state_ == State::entering) {
    state_ = State::open;
    const double held = base(spot_, desk);
    tell("delta", "at entry", held > 0.0 ? (held + base(perp_, desk)) / held : no_value, desk);
    tell("margin", "at entry", margin_distance(desk), desk);
  }
}

void FundingCarry::on_end(Desk& desk) {
  desk.note(fmt::format("{} funding stamps with a position brought {:+.2f}", stamps_held_, funding_booked_));
}

std::unique_ptr<Strategy> make_funding_carry(const StrategySpec& spec, const RuleSet& rules, const Plan& plan) {
  FundingCarry::Options options{.spot = leg_text(spec, "spot"),
                                .perp = leg_text(spec, "perp"),
                                .apr_min_bps = spec.number("apr_min_bps"),
                                .slippage_bps = spec.number("slippage_bps"),
                                .borrow_apr = spec.number("borrow_apr"),
                                .basis_capture = spec.number("basis_capture"),
                                .cap = spec.number("cap"),
                                .leverage_max = spec.number("leverage_max"),
                                .margin_entry = spec.number("margin_entry"),
                                .margin_exit = spec.number("margin_exit"),
                                .basis_sd_max = spec.number("basis_sd_max"),
                                .delta_max = spec.number("delta_max"),
                                .negative_stamps_max = static_cast<int>(spec.number("negative_stamps_max")),
                                .hold = spec.duration("hold"),
                                .interval = spec.duration("interval"),
                                .decide_every = spec.duration("decide_every"),
                                .cooldown = spec.duration("cooldown")};
  return std::make_unique<FundingCarry>(std::move(options),
                                        Signals(spec, rules, plan, {"funding", "interval", "basis_sd"}));
}

}  // namespace millrace
