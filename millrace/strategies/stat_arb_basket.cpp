#include "millrace/strategies/stat_arb_basket.h"

#include <algorithm>
#include <cmath>

#include "millrace/base/error.h"
#include "millrace/strategies/makers.h"

namespace millrace {

namespace {

constexpr double least_trade = 2e-4;  // of the equity: smaller changes of a position are not worth their order

StatArbBasket::Params params_of(const StrategySpec& spec) {
  StatArbBasket::Params params{
      .sizing = {.risk = spec.number("risk"), .k = spec.number("k_sigma"), .cap = spec.number("cap")},
      .bar = spec.duration("bar"),
      .fit_time = spec.duration("fit_time"),
      .time_stop = spec.duration("time_stop"),
      .factors = static_cast<std::size_t>(spec.number("factors")),
      .join_bars = static_cast<std::size_t>(spec.number("join_bars")),
      .residual_bars = static_cast<std::size_t>(spec.number("residual_bars")),
      .half_life_max = spec.number("half_life_max"),
      .entry_s = spec.number("entry_s"),
      .exit_s = spec.number("exit_s"),
      .stop_s = spec.number("stop_s"),
      .gross_max = spec.number("gross_max"),
      .exposure_max = spec.number("exposure_max"),
      .has_overlay = spec.overlay};
  if (spec.overlay) params.overlay = overlay_of(spec);
  return params;
}

}  // namespace

StatArbBasket::StatArbBasket(const StrategySpec& spec, const RuleSet& rules, const Plan& plan)
    : params_(params_of(spec)),
      signals_(spec, rules, plan, {"before", "age"}),
      defensive_(rules, rules.find("defensive"), plan) {
  const auto bars = static_cast<std::size_t>(params_.fit_time / params_.bar);
  if (bars > most_bars || bars < params_.residual_bars) {
    fail(Fault::config, "{}: parameter `fit_time`: expected {} to {} bars, was {}", spec.file, params_.residual_bars,
         most_bars, bars);
  }
}

/// The first row of a new bar asks for attention: it ends the one before.
void StatArbBasket::prepare(const MarketBatch& batch, std::span<std::uint8_t> attention) {
  const Chunk& chunk = batch.chunk;
  for (std::size_t row = 0; row < chunk.rows(); ++row) {
    instruments_ = std::max<std::size_t>(instruments_, chunk.instrument[row] + 1);
    const Nanos end = chunk.ts_event[row] / params_.bar * params_.bar;
    if (end <= bar_seen_) continue;
    bar_seen_ = end;
    attention[row] |= must_see | bar_bit;
  }
  if (!params_.has_overlay) return;
  const std::size_t rows = batch.features.order.size();
  for (std::size_t first = 0; first < rows; first += RuleProgram::block_rows) {
    const std::size_t count = std::min(RuleProgram::block_rows, rows - first);
    defensive_.run(batch.features, first, count);
    for (std::size_t rule = 0; rule < defensive_.size(); ++rule) {
      for (std::size_t i = 0; i < count; ++i) {
        if (defensive_.result(rule)[i] == 1.0) attention[batch.features.order[first + i]] |= must_see | alarm_bit;
      }
    }
  }
}

void StatArbBasket::on_row(const Observation& row, Desk& desk) {
  const InstrumentId id = row.market.instrument;
  if (names_.size() < instruments_) names_.resize(instruments_);
  if ((row.attention & alarm_bit) != 0) {
    const bool was_defensive = regime_.is_defensive(row.now);
    regime_.alarm(params_.overlay, row.now);
    if (!was_defensive && model_) {
      set_targets(desk, row.now);
      send_all(desk, "defensive");
    }
  }
  if ((row.attention & bar_bit) != 0) return close_bar(row, desk);
  if (names_[id].is_unfilled && row.now >= names_[id].next_try) send(id, desk);
}

/// The last price before the bar's end; NaN where there was no row in the bar. The row at hand lies behind its end, so
/// its own instrument's is the price before it.
double StatArbBasket::close_of(const Observation& row, InstrumentId id, Nanos end, const Desk& desk) {
  MarketRow last = desk.last(id);
  if (id == row.market.instrument) {
    const double age_ms = signals_[age];
    if (!std::isfinite(age_ms)) return no_value;  // its first row
    if (row.market.has_trade()) last.price = signals_[before];
    last.ts_event = row.market.ts_event - static_cast<Nanos>(age_ms * 1e6);
  }
  return last.ts_event != no_time && last.ts_event >= end - params_.bar ? last.price : no_value;
}

void StatArbBasket::close_bar(const Observation& row, Desk& desk) {
  const Nanos end = row.market.ts_event / params_.bar * params_.bar;
  if (end <= bar_end_) return;
  const bool follows = end == bar_end_ + params_.bar;
  bar_end_ = end;
  signals_.read(row);
  std::vector<double> returns(names_.size(), no_value);
  for (InstrumentId id = 0; id < names_.size(); ++id) {
    const double close = close_of(row, id, end, desk);
    if (follows && close > 0.0 && names_[id].close > 0.0) returns[id] = std::log(close / names_[id].close);
    names_[id].close = close;
  }
  history_.push_back(std::move(returns));
  while (history_.size() > static_cast<std::size_t>(params_.fit_time / params_.bar)) history_.pop_front();
  const bool is_new_day = end / one_day != day_;
  if (is_new_day) fit(end);
  if (!model_) {
    set_targets(desk, row.now);
    return send_all(desk, "no_model");
  }
  const double before = measured_exposure(desk);
  if (before > 0.0) desk.signal(row, "factor_exposure", "measured", before);
  if (history_.size() < params_.residual_bars) return;
  bool is_changed = is_new_day || before > params_.exposure_max;
  why_ = is_new_day ? "refit" : "rebalance";
  residuals_.clear();
  for (std::size_t i = history_.size() - params_.residual_bars; i < history_.size(); ++i) {
    Eigen::VectorXd one(static_cast<Eigen::Index>(model_->members.size()));
    for (std::size_t m = 0; m < model_->members.size(); ++m) {
      const InstrumentId id = model_->members[m];
      one(static_cast<Eigen::Index>(m)) = id < history_[i].size() ? history_[i][id] : no_value;
    }
    residuals_.push_back(model_->residual(one));
  }
  for (const Name& name : names_) is_changed |= name.is_unfilled;
  for (Eigen::Index m = 0; m < model_->deviation.size(); ++m) is_changed |= judge(row, m, desk);
  if (desk.is_killed()) {
    for (Name& name : names_) name.trade = {};
    is_changed = true;
  }
  if (!is_changed) return;
  set_targets(desk, row.now);
  send_all(desk, why_);
}

/// On the bars before `end`, of which none is traded: a day's model is used from its first bar on.
void StatArbBasket::fit(Nanos end) {
  day_ = end / one_day;
  std::vector<std::size_t> common(names_.size());
  for (const std::vector<double>& bar : history_) {
    const auto has = [](double r) { return std::isfinite(r); };
    if (static_cast<std::size_t>(std::count_if(bar.begin(), bar.end(), has)) < least_members) continue;
    for (std::size_t id = 0; id < bar.size(); ++id) common[id] += has(bar[id]) ? 1 : 0;
  }
  std::vector<InstrumentId> members;
  for (InstrumentId id = 0; id < names_.size(); ++id) {
    if (common[id] >= params_.join_bars) members.push_back(id);
  }
  model_.reset();
  if (members.size() >= least_members) {
    Eigen::MatrixXd returns(static_cast<Eigen::Index>(history_.size()), static_cast<Eigen::Index>(members.size()));
    for (std::size_t bar = 0; bar < history_.size(); ++bar) {
      for (std::size_t m = 0; m < members.size(); ++m) {
        returns(static_cast<Eigen::Index>(bar), static_cast<Eigen::Index>(m)) =
            members[m] < history_[bar].size() ? history_[bar][members[m]] : no_value;
      }
    }
    model_ = fit_factors(returns, members, params_.factors);
  }
  for (InstrumentId id = 0; id < names_.size(); ++id) {  // who has left is traded no more
    const bool is_member = model_ && std::binary_search(members.begin(), members.end(), id);
    if (!is_member) names_[id].trade = {};
  }
}

std::vector<double> StatArbBasket::path_of(Eigen::Index member) const {
  std::vector<double> path;
  double sum = 0.0;
  for (const Eigen::VectorXd& residual : residuals_) path.push_back(sum += residual(member));
  return path;
}

std::string_view StatArbBasket::reason_to_end(const Trade& trade, const std::optional<OuFit>& ou, Nanos now) const {
  if (now - trade.since >= params_.time_stop) return "time_stop";
  if (!ou) return {};
  if (std::abs(ou->s) > params_.stop_s) return "stop";
  // Beyond the mean on the other side it has come back, too.
  if (-trade.side * ou->s < params_.exit_s) return "reverted";
  return {};
}

/// True where the name's trade begins or ends.
bool StatArbBasket::judge(const Observation& row, Eigen::Index member, Desk& desk) {
  const InstrumentId id = model_->members[static_cast<std::size_t>(member)];
  Name& name = names_[id];
  const std::vector<double> path = path_of(member);
  const std::optional<OuFit> ou = fit_ou(path);
  if (name.trade.side != 0) {
    const std::string_view why = reason_to_end(name.trade, ou, row.now);
    if (why.empty()) return false;
    Observation at = row;
    at.market = desk.last(id);
    desk.signal(at, name.trade.side > 0 ? "exit_long" : "exit_short", why, ou ? ou->s : no_value);
    name.trade = {};
    why_ = why;
    return true;
  }
  if (!ou || !(ou->half_life < params_.half_life_max)) return false;
  const double distance = std::abs(ou->s);
  const bool is_entry = name.is_armed && distance > params_.entry_s && distance < params_.stop_s;
  name.is_armed = distance <= params_.entry_s;
  return is_entry && enter(row, member, *ou, desk);
}

bool StatArbBasket::enter(const Observation& row, Eigen::Index member, const OuFit& ou, Desk& desk) {
  const InstrumentId id = model_->members[static_cast<std::size_t>(member)];
  const Sizing& sizing = params_.sizing;
  const double equity = desk.equity();
  const double money = std::min(sizing.cap * equity, equity * sizing.risk / (sizing.k * ou.deviation));
  const double gain = 1e4 * (std::abs(ou.s) - params_.exit_s) * ou.deviation;
  const double cost = cost_bps(member, money, desk);
  const int side = ou.s < 0.0 ? 1 : -1;
  const bool pays = desk.pays(gain, cost);
  const OrderReason objection = desk.objection_to_opening(id);
  const bool is_open = objection == OrderReason::none || objection == OrderReason::stale_data;
  Observation at = row;
  at.market = desk.last(id);
  const std::string_view effect = !is_open ? name_of(objection) : pays ? "order" : "no_edge";
  desk.signal(at, side > 0 ? "entry_long" : "entry_short", effect, ou.s, gain, cost);
  if (!is_open) names_[id].is_armed = true;  // looked at again with the next bar
  if (!is_open || !pays || !(money > 0.0)) return false;
  names_[id].trade = {.side = side, .money = money, .since = row.now};
  why_ = side > 0 ? "entry_long" : "entry_short";
  return true;
}

/// Of a round trip of the name and its hedge, in bps of the name's money.
double StatArbBasket::cost_bps(Eigen::Index member, double money, const Desk& desk) const {
  const Eigen::VectorXd weights = model_->hedged(member);
  double cost = 0.0;
  for (Eigen::Index m = 0; m < weights.size(); ++m) {
    const InstrumentId id = model_->members[static_cast<std::size_t>(m)];
    const double one_lot = money_of_lot(id, desk), share = std::abs(weights(m));
    if (!(one_lot > 0.0)) return no_value;
    cost += share * desk.round_trip_cost_bps(id, static_cast<Lots>(share * money / one_lot));
  }
  return cost;
}

double StatArbBasket::money_of_lot(InstrumentId id, const Desk& desk) const {
  return std::abs(to_double(desk.spec(id).value_at(1'000'000, desk.mark(id)))) * desk.rate(id) / 1e6;
}

double StatArbBasket::measured_exposure(const Desk& desk) const {
  Eigen::VectorXd money = Eigen::VectorXd::Zero(model_->deviation.size());
  for (Eigen::Index m = 0; m < money.size(); ++m) {
    const InstrumentId id = model_->members[static_cast<std::size_t>(m)];
    if (desk.position(id) != 0) money(m) = static_cast<double>(desk.position(id)) * money_of_lot(id, desk);
  }
  return model_->exposure(money);
}

/// A name that the guards let nobody open stays as it is, and the others hedge it.
Eigen::VectorXd StatArbBasket::hedged_around(const Eigen::VectorXd& money, const Desk& desk) const {
  Eigen::VectorXd possible = money;
  std::vector<bool> is_free(static_cast<std::size_t>(money.size()), true);
  for (Eigen::Index m = 0; m < money.size(); ++m) {
    const InstrumentId id = model_->members[static_cast<std::size_t>(m)];
    const OrderReason objection = desk.objection_to_opening(id);
    // A quiet one trades with its next row.
    if (objection == OrderReason::none || objection == OrderReason::stale_data) continue;
    const double held = static_cast<double>(desk.position(id)) * money_of_lot(id, desk);
    if (held * money(m) > 0.0 && std::abs(money(m)) <= std::abs(held)) continue;  // closing is let through
    possible(m) = held * money(m) <= 0.0 ? 0.0 : held;
    is_free[static_cast<std::size_t>(m)] = false;
  }
  return model_->neutral(possible, is_free);
}

/// What to hold: the sum of the trades' portfolios, made smaller together where it is too large.
void StatArbBasket::set_targets(const Desk& desk, Nanos now) {
  for (Name& name : names_) name.wanted = 0;
  if (!model_) return;
  Eigen::VectorXd money = Eigen::VectorXd::Zero(model_->deviation.size());
  for (Eigen::Index m = 0; m < money.size(); ++m) {
    const Trade& trade = names_[model_->members[static_cast<std::size_t>(m)]].trade;
    if (trade.side != 0) money += trade.side * trade.money * model_->hedged(m);
  }
  if (params_.has_overlay) money *= regime_.risk_share(params_.overlay, now);
  const double gross = money.cwiseAbs().sum(), most = params_.gross_max * desk.equity();
  if (gross > most) money *= most / gross;
  money = hedged_around(money, desk);
  for (Eigen::Index m = 0; m < money.size(); ++m) {
    const InstrumentId id = model_->members[static_cast<std::size_t>(m)];
    const double one_lot = money_of_lot(id, desk);
    if (one_lot > 0.0) names_[id].wanted = static_cast<Lots>(money(m) / one_lot);
  }
}

void StatArbBasket::send_all(Desk& desk, std::string_view why) {
  why_ = why;
  for (InstrumentId id = 0; id < names_.size(); ++id) {
    if (names_[id].wanted != desk.position(id)) send(id, desk);
  }
}

/// Sends the difference between what is held and wanted; what objects to it is asked again with later rows.
void StatArbBasket::send(InstrumentId id, Desk& desk) {
  Name& name = names_[id];
  const Lots change = name.wanted - desk.position(id);
  const double worth = static_cast<double>(std::abs(change)) * money_of_lot(id, desk);
  const bool is_small = name.wanted != 0 && worth < least_trade * desk.equity();
  const bool is_open = change != 0 && !is_small && std::abs(change) >= desk.spec(id).min_size;
  if (is_open && !desk.has_orders(id)) {
    desk.send({.instrument = id, .side = change > 0 ? Side::buy : Side::sell, .size = std::abs(change)}, {.why = why_});
  }
  if (is_open != name.is_unfilled) desk.watch(id, is_open);
  name.is_unfilled = is_open;
  name.next_try = desk.now() + one_second;
}

void StatArbBasket::on_event(const ExchangeEvent&, Desk&) {}

std::unique_ptr<Strategy> make_stat_arb_basket(const StrategySpec& spec, const RuleSet& rules, const Plan& plan) {
  return std::make_unique<StatArbBasket>(spec, rules, plan);
}

}  // namespace millrace
