#include "millrace/strategies/market_making.h"

#include <algorithm>
#include <cmath>

#include "millrace/base/error.h"
#include "millrace/kernels/execution/post_only_shading.h"
#include "millrace/strategies/makers.h"

namespace millrace {

namespace {

constexpr Nanos markout_time = 5 * one_second;

/// Null is not zero: what is unknown speaks for pulling.
bool is_zero(double value) { return value == 0.0; }

MarketMaking::Params params_of(const StrategySpec& spec) {
  MarketMaking::Params params{.inventory_limit = spec.number("inventory_limit"),
                              .quote_size = spec.number("quote_size"),
                              .half_spread_bps = spec.number("half_spread_bps"),
                              .vpin_factor = spec.number("vpin_factor"),
                              .ofi_cap = spec.number("ofi_cap"),
                              .gamma = spec.number("gamma"),
                              .vpin_max = spec.number("vpin_max"),
                              .keep_bps = spec.number("keep_bps"),
                              .flatten_above = spec.number("flatten_above"),
                              .flatten_bps = spec.number("flatten_bps"),
                              .markout_fills = spec.number("markout_fills"),
                              .horizon = spec.duration("horizon"),
                              .pull_time = spec.duration("pull_time"),
                              .replace_interval = static_cast<Nanos>(1e9 / spec.number("replace_rate")),
                              .has_overlay = spec.overlay};
  if (spec.overlay) params.overlay = overlay_of(spec);
  return params;
}

}  // namespace

MarketMaking::MarketMaking(const StrategySpec& spec, const RuleSet& rules, const Plan& plan)
    : params_(params_of(spec)),
      signals_(spec, rules, plan, {"microprice", "order_flow", "vpin", "volatility", "stale", "book", "alarm"}),
      defensive_(rules, rules.find("defensive"), plan) {}

MarketMaking::Maker& MarketMaking::maker(InstrumentId instrument) {
  if (instrument >= makers_.size()) makers_.resize(instrument + 1);
  return makers_[instrument];
}

std::uint8_t MarketMaking::bits_of(std::size_t row, Kind kind) const {
  const auto at = [&](Value which) { return signals_.at(which, row); };
  std::uint8_t bits = 0;
  if (params_.has_overlay) {
    for (std::size_t rule = 0; rule < defensive_.size(); ++rule) {
      if (defensive_.result(rule)[row] == 1.0) bits = alarm_bit | pull_bit;
    }
  }
  const bool is_sound = kind != Kind::gap && is_zero(at(stale)) && is_zero(at(book)) && is_zero(at(alarm)) &&
                        !(at(vpin) > params_.vpin_max);
  return is_sound ? bits : static_cast<std::uint8_t>(bits | pull_bit);
}

/// Rows ask for attention where quotes must be pulled, and else no oftener than quotes may be replaced.
void MarketMaking::prepare(const MarketBatch& batch, std::span<std::uint8_t> attention) {
  const std::size_t rows = batch.features.order.size();
  for (std::size_t first = 0; first < rows; first += RuleProgram::block_rows) {
    const std::size_t count = std::min(RuleProgram::block_rows, rows - first);
    signals_.run(batch.features, first, count);
    if (params_.has_overlay) defensive_.run(batch.features, first, count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t row = batch.features.order[first + i];
      Maker& at = maker(batch.chunk.instrument[row]);
      std::uint8_t bits = bits_of(i, static_cast<Kind>(batch.chunk.kind[row]));
      const bool is_pulled = (bits & pull_bit) != 0;
      const bool is_due = at.shown == no_time || batch.chunk.ts_event[row] - at.shown >= params_.replace_interval;
      if (is_pulled ? !at.was_pulled_row || (bits & alarm_bit) != 0 : is_due) {
        bits |= must_see;
        at.shown = batch.chunk.ts_event[row];
      }
      at.was_pulled_row = is_pulled;
      attention[row] = bits;
    }
  }
}

std::string_view MarketMaking::reason_to_pull(const Observation& row) const {
  if ((row.attention & alarm_bit) != 0) return "defensive";
  if (row.market.kind == Kind::gap) return "gap";
  if (!is_zero(value(stale))) return "stale";
  if (!is_zero(value(book))) return "book_not_sane";
  if (!is_zero(value(alarm))) return std::isnan(value(alarm)) ? "not_warm" : "cusum_alarm";
  return "vpin";
}

void MarketMaking::on_row(const Observation& row, Desk& desk) {
  Maker& at = maker(row.market.instrument);
  if (row.market.has_quote()) {
    if (!at.waiting.empty()) settle_markouts(at, row.market.ts_event);
    at.last_mid = 0.5 * (row.market.bid + row.market.ask);
  }
  const bool is_pulling = (row.attention & pull_bit) != 0;
  if (!is_pulling && row.now < at.next_replace && !desk.is_killed()) return;
  forget_ended(at, desk);
  if ((row.attention & alarm_bit) != 0) at.regime.alarm(params_.overlay, row.now);
  if (is_pulling) {
    at.pulled_until = row.now + params_.pull_time;
    if (!at.is_pulled) {
      signals_.read(row);
      desk.signal(row, "pull", reason_to_pull(row), no_value);
    }
    at.is_pulled = true;
    pull(at, desk);
  }
  at.next_replace = row.now + params_.replace_interval;
  const Inventory inventory = inventory_of(row, at, desk);
  if (flatten(row, at, inventory, desk)) return;
  if (row.now < at.pulled_until || desk.is_killed()) return;
  if (params_.has_overlay && at.regime.is_defensive(row.now)) return pull(at, desk);
  at.is_pulled = false;
  signals_.read(row);
  const std::array<Target, 2> wanted = targets(row, at, inventory, desk);
  replace(row, at.quotes[0], Side::buy, wanted[0], desk);
  replace(row, at.quotes[1], Side::sell, wanted[1], desk);
}

void MarketMaking::pull(Maker& at, Desk& desk) {
  for (const OrderId quote : at.quotes) {
    if (quote != 0) desk.cancel(quote);
  }
}

MarketMaking::Inventory MarketMaking::inventory_of(const Observation& row, const Maker& at, const Desk& desk) const {
  const InstrumentId instrument = row.market.instrument;
  Inventory result{.held = desk.position(instrument)};
  const double one_lot =
      std::abs(to_double(desk.spec(instrument).value_at(1'000'000, row.market.mark()))) * desk.rate(instrument) / 1e6;
  const double share = params_.has_overlay ? at.regime.risk_share(params_.overlay, row.now) : 1.0;
  const double equity = share * desk.equity();
  if (!(one_lot > 0.0) || !(equity > 0.0)) return result;
  result.limit = static_cast<Lots>(params_.inventory_limit * equity / one_lot);
  result.quote = static_cast<Lots>(params_.quote_size * equity / one_lot);
  if (result.limit > 0) result.share = static_cast<double>(result.held) / static_cast<double>(result.limit);
  return result;
}

/// Where the quotes should be; a size of 0 is none.
std::array<MarketMaking::Target, 2> MarketMaking::targets(const Observation& row, const Maker& at,
                                                          const Inventory& inventory, const Desk& desk) const {
  const MarketRow& market = row.market;
  const InstrumentSpec& spec = desk.spec(market.instrument);
  const double flow = value(order_flow), sigma = value(volatility);
  if (!std::isfinite(value(microprice)) || !std::isfinite(flow) || !(sigma >= 0.0)) return {};
  const double cap = params_.ofi_cap;
  const double fair = value(microprice) + 0.5 * (market.ask - market.bid) * std::clamp(flow, -cap, cap);
  const double informed = std::isfinite(value(vpin)) ? value(vpin) : 1.0;
  const double tick = spec.price(1);
  const double least = 1e-4 * fair * params_.half_spread_bps * (1.0 + params_.vpin_factor * informed);
  const double paid = 1e-4 * fair * (desk.fees(market.instrument).applied().maker_bps + at.adverse_bps);
  const double variance = sigma * sigma * static_cast<double>(params_.horizon) / 60e9;  // of the log price
  const PostOnlyShading::Params shading{
      .half_spread = std::max({tick, least, paid}), .tick = tick, .skew = params_.gamma * variance * fair};
  const auto prices =
      PostOnlyShading::update(shading, fair, market.bid, market.ask, std::clamp(inventory.share, -2.0, 2.0));
  const bool may_go_short = spec.is_derivative() || desk.fees(market.instrument).borrow_apr >= 0.0;
  std::array<Target, 2> wanted;
  for (const std::size_t side : {0UL, 1UL}) {
    const Lots sign = side == 0 ? 1 : -1, held = inventory.held * sign;  // > 0: this side makes it grow
    const auto price = spec.ticks(prices[side]);
    if (!price) continue;
    wanted[side].price = *price;
    const double room = held > 0 ? 1.0 - std::abs(inventory.share) : 1.0;
    const auto shrunk = static_cast<Lots>(static_cast<double>(inventory.quote) * std::max(room, 0.0));
    wanted[side].size = std::clamp<Lots>(inventory.limit - held, 0, shrunk);
    if (side == 1 && !may_go_short) wanted[side].size = std::min(wanted[side].size, std::max<Lots>(inventory.held, 0));
  }
  return wanted;
}

/// Keeps the order where price and size allow, for its place in the queue.
void MarketMaking::replace(const Observation& row, OrderId& quote, Side side, const Target& target, Desk& desk) {
  const InstrumentId instrument = row.market.instrument;
  const bool is_none = target.size < desk.spec(instrument).min_size;
  if (const Desk::OpenOrder* open = quote == 0 ? nullptr : desk.find_order(quote)) {
    if (!open->is_accepted || open->is_cancelling || open->asked != 0) return;  // its answer is on its way
    if (is_none) return desk.cancel(quote);
    const double off = std::abs(static_cast<double>(open->limit - target.price));
    const bool is_near = off <= 1e-4 * params_.keep_bps * static_cast<double>(target.price);
    if (is_near && open->left <= target.size && 2 * open->left >= target.size) return;
    desk.amend(quote, is_near ? open->limit : target.price, target.size);
    return;
  }
  if (is_none) return;
  OrderRequest request{.instrument = instrument, .side = side, .type = OrderType::limit, .size = target.size};
  request.limit = target.price;
  request.is_post_only = true;
  quote = desk.send(request, {.why = side == Side::buy ? "bid" : "ask"});
}

/// True where the inventory is beyond all limits, or trading has ended, and an order is to take the surplus off.
bool MarketMaking::flatten(const Observation& row, Maker& at, const Inventory& inventory, Desk& desk) {
  if (at.flattening != 0) return true;
  const Lots size = std::abs(inventory.held);
  const auto most = static_cast<double>(inventory.limit) * params_.flatten_above;
  const bool is_over = inventory.limit > 0 && static_cast<double>(size) > most;
  if (!desk.is_killed() && !is_over) return false;
  const Lots surplus = desk.is_killed() ? size : size - inventory.limit;
  if (surplus <= 0 || !row.market.has_quote()) return true;
  pull(at, desk);
  const InstrumentSpec& spec = desk.spec(row.market.instrument);
  const bool is_long = inventory.held > 0;
  const double slack = 1e-4 * params_.flatten_bps;
  const auto limit =
      is_long ? spec.ticks_down(row.market.bid * (1.0 - slack)) : spec.ticks_up(row.market.ask * (1.0 + slack));
  if (!limit) return true;
  OrderRequest request{.instrument = row.market.instrument,
                       .side = is_long ? Side::sell : Side::buy,
                       .type = OrderType::limit,
                       .time_in_force = TimeInForce::ioc,
                       .size = surplus,
                       .limit = *limit};
  request.is_reduce_only = true;
  at.flattening = desk.send(request, {.why = desk.is_killed() ? "kill_switch" : "flatten"});
  desk.signal(row, "flatten", at.flattening == 0 ? name_of(desk.objection()) : "order", inventory.share);
  return true;
}

void MarketMaking::forget_ended(Maker& at, const Desk& desk) {
  for (OrderId& quote : at.quotes) {
    if (quote != 0 && desk.find_order(quote) == nullptr) quote = 0;
  }
  if (at.flattening != 0 && desk.find_order(at.flattening) == nullptr) at.flattening = 0;
}

/// The middle that held five seconds after each fill goes into the mean loss.
void MarketMaking::settle_markouts(Maker& at, Nanos now) {
  while (!at.waiting.empty() && at.waiting.front().due < now) {
    const WaitingFill& fill = at.waiting.front();
    const double loss_bps = -1e4 * fill.side * (at.last_mid / fill.mid - 1.0);
    at.adverse_fills = std::min(at.adverse_fills + 1.0, params_.markout_fills);
    at.adverse_bps += (loss_bps - at.adverse_bps) / at.adverse_fills;
    at.waiting.pop_front();
  }
}

void MarketMaking::on_event(const ExchangeEvent& event, Desk&) {
  if (event.type != ExchangeEvent::Type::filled || !event.fill.is_maker) return;
  Maker& at = maker(event.fill.instrument);
  const double mid = std::isfinite(event.fill.mid) ? event.fill.mid : at.last_mid;
  if (!(mid > 0.0) || at.waiting.size() >= most_waiting_fills) return;
  at.waiting.push_back(
      {.due = event.ts_venue + markout_time, .side = static_cast<double>(event.fill.side), .mid = mid});
}

std::unique_ptr<Strategy> make_market_making(const StrategySpec& spec, const RuleSet& rules, const Plan& plan) {
  return std::make_unique<MarketMaking>(spec, rules, plan);
}

}  // namespace millrace
