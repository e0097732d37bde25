#include "millrace/engine/backtest.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/engine/build_info.h"
#include "millrace/engine/interrupt.h"
#include "millrace/engine/run_collector.h"
#include "millrace/engine/strategy_maker.h"
#include "millrace/engine/symbol_filter.h"
#include "millrace/engine/tick_reader.h"
#include "millrace/graph/cross_graph.h"
#include "millrace/io/run_files.h"

namespace millrace {

namespace {

constexpr std::array<std::string_view, guard_columns> guard_names{"guard_is_stale", "guard_book_state", "guard_outlier",
                                                                  "guard_breaker", "guard_volume_24h"};

/// A lane under other assumptions than the run's own, of which only the outcome is kept.
struct ScenarioLane {
  std::string name;
  FeeTable fees;
  double capital = 1.0;  // times the run's
  std::unique_ptr<Lane> lane;
  std::vector<EquityPoint> equity;
  std::uint64_t fills = 0;
};

class BacktestRun {
 public:
  BacktestRun(const BacktestOptions& options, const OpenSource& open)
      : options_(options),
        rules_(make_rules(options.strategy, guard_definitions(options.lane.desk.limits))),
        plan_(make_cross_plan(rules_.features)),
        reader_({.symbols = options.symbols,
                 .from = options.from,
                 .to = options.to,
                 .wanted = plan_.all->columns | market_row_columns},
                open),
        graph_(plan_, reader_.instruments(), options.threads),
        collector_(reader_.instruments(), result_) {
    result_.strategy = options.strategy.name;
    result_.title = options.strategy.title;
    result_.equity_step = options.lane.desk.equity_step;
    check_needs();
  }

  RunResult run() {
    std::optional<Progress> progress;
    if (options_.has_progress) progress.emplace(reader_.counters());
    for (;;) {
      stop_if_asked();
      auto batch = next_batch();
      if (!reader_.next(batch->chunk)) break;
      if (batch->chunk.rows() == 0) continue;
      learn_instruments();
      graph_.run(batch->chunk, batch->features);
      batch->index();
      if (!main_) begin(*batch);
      play(batch);
    }
    progress.reset();
    reader_.complain_of_unmet();
    if (!main_) fail(Fault::input, "the input has no row between --from and --to; expected at least one");
    end();
    return std::move(result_);
  }

 private:
  /// Batches are used again once no lane waits for their rows.
  std::shared_ptr<MarketBatch> next_batch() {
    for (auto& one : batches_) {
      if (one.use_count() == 1) return one;
    }
    batches_.push_back(std::make_shared<MarketBatch>());
    return batches_.back();
  }

  void check_needs() {
    const ColumnSet has = reader_.source().columns();
    struct Need {
      std::string_view name;
      Column column;
    };
    constexpr std::array needs{Need{"prices", Column::price},         Need{"quotes", Column::bid},
                               Need{"quotes", Column::ask},           Need{"trades", Column::price},
                               Need{"sizes", Column::size},           Need{"funding", Column::funding_rate},
                               Need{"quote_sizes", Column::bid_size}, Need{"mark_price", Column::mark_price}};
    for (const std::string& wanted : options_.strategy.needs) {
      bool is_known = wanted == "two_venues" || wanted == "derivatives" || wanted == "ten_instruments";
      for (const Need& one : needs) {
        if (one.name != wanted) continue;
        is_known = true;
        if (has.has(one.column)) continue;
        fail(Fault::input, "{} needs {}: the input has no column `{}`", options_.strategy.name, wanted,
             info(one.column).name);
      }
      if (!is_known) {
        fail(Fault::config,
             "{}: key `needs`: expected prices, quotes, quote_sizes, trades, sizes, funding, mark_price, "
             "two_venues, derivatives or ten_instruments, was {}",
             options_.strategy.file, json_quoted(wanted));
      }
    }
    has_quotes_ = has.has(Column::bid) && has.has(Column::ask);
  }

  /// A column may be there and empty: what the first rows hold is what counts.
  void check_rows(const MarketBatch& batch) {
    const Chunk& chunk = batch.chunk;
    const auto is_empty = [&](Column column) {
      if (!chunk.columns.has(column)) return true;
      const double* values = chunk.f64(column);
      return std::none_of(values, values + chunk.rows(), [](double x) { return has_value(x); });
    };
    const auto refuse = [&](std::string_view what, std::string_view column) {
      fail(Fault::input, "{} needs {}: no row of the first {} has a value in `{}`", options_.strategy.name, what,
           chunk.rows(), column);
    };
    for (const std::string& wanted : options_.strategy.needs) {
      if (wanted == "sizes" && is_empty(Column::size)) refuse("trade sizes", "size");
      if (wanted == "quotes" && is_empty(Column::bid)) refuse("quotes", "bid");
      if (wanted == "quote_sizes" && is_empty(Column::bid_size)) refuse("sizes of quotes", "bid_size");
      if (wanted == "funding" && is_empty(Column::funding_rate)) refuse("funding rates", "funding_rate");
    }
    if (is_empty(Column::bid) || is_empty(Column::ask)) has_quotes_ = false;
    if (!has_quotes_) {
      note(
          fmt::format("the input has no quotes: the guards against stale and insane quotes are off, and takers pay an "
                      "assumed half spread of {} bps",
                      format_number(options_.lane.sim.assumed_half_spread_bps)));
    }
  }

  void note(std::string text) { result_.notes.push_back(std::move(text)); }

  void learn_instruments() {
    Instruments& instruments = reader_.instruments();
    for (auto id = static_cast<InstrumentId>(specs_.size()); id < instruments.size(); ++id) {
      specs_.push_back(is_wanted(id)
                           ? spec_of(instruments[id], options_.instruments)
                           : InstrumentSpec{.venue = instruments[id].venue, .symbol = instruments[id].symbol});
      const InstrumentSpec& spec = specs_.back();
      if (spec.is_known) graph_.set_tick_size(id, spec.price(1));
    }
  }

  bool is_wanted(InstrumentId id) const {
    const std::vector<std::string>& symbols = options_.symbols;
    const Instrument& one = reader_.instruments()[id];
    return symbols.empty() || std::any_of(symbols.begin(), symbols.end(), [&](const std::string& symbol) {
             return symbol == one.symbol || symbol == one.venue + ":" + one.symbol;
           });
  }

  /// The first rows are here: money, rates and lanes can be made.
  void begin(const MarketBatch& batch) {
    check_rows(batch);
    const std::vector<Deposit> deposits = find_deposits(batch);
    for (std::size_t i = 0; i < guard_columns; ++i) {
      const auto at = std::find_if(plan_.all->features.begin(), plan_.all->features.end(),
                                   [&](const PlannedFeature& one) { return one.name == guard_names[i]; });
      guards_[i] = static_cast<std::size_t>(at - plan_.all->features.begin());
    }
    for (const VenueFees& one : options_.fees.venues) told_venues_.insert(one.venue);
    main_ = make_lane(options_.lane, options_.fees, deposits, 1.0);
    if (options_.has_scenarios) make_scenarios(deposits);
    if (!options_.out.empty()) {
      files_.emplace(options_.out, reader_.instruments(), specs_, options_.provenance);
    }
  }

  std::vector<Deposit> find_deposits(const MarketBatch& batch) {
    std::set<std::pair<std::string, std::string>> wallets;
    for (const InstrumentId id : batch.chunk.instrument) wallets.emplace(specs_[id].venue, specs_[id].settle());
    std::vector<std::string> names;
    for (const auto& [venue, asset] : wallets) names.push_back(venue + ":" + asset);
    std::vector<Deposit> deposits = options_.deposits;
    for (Deposit& one : deposits) {
      if (!one.venue.empty()) continue;
      if (wallets.size() != 1) {
        fail(Fault::config,
             "--capital: the input settles in {}; expected VENUE:ASSET=AMOUNT for each that is to be funded",
             fmt::join(names, ", "));
      }
      std::tie(one.venue, one.asset) = *wallets.begin();
    }
    account_asset_ = options_.asset.empty() ? deposits.front().asset : options_.asset;
    for (const Deposit& one : deposits) {
      if (options_.asset.empty() && one.asset != account_asset_) {
        fail(Fault::config, "--asset: deposits are in {} and {}; expected the asset to count in", account_asset_,
             one.asset);
      }
    }
    result_.asset = account_asset_;
    return deposits;
  }

  Rates make_rates() {
    Rates rates(account_asset_);
    for (const RateText& one : options_.rates) {
      if (const auto number = parse_number(one.rate)) {
        rates.set({.asset = one.asset, .constant = *number});
        continue;
      }
      const std::size_t colon = one.rate.find(':');
      const InstrumentId id = reader_.instruments().find(one.rate.substr(0, colon), one.rate.substr(colon + 1));
      if (id == no_instrument) {
        fail(Fault::config, "--rate {}: the first rows have no instrument `{}`; they have {}", one.asset, one.rate,
             names_of(reader_.instruments()));
      }
      rates.set({.asset = one.asset, .instrument = id, .is_inverted = specs_[id].quote == one.asset});
    }
    for (InstrumentId id = 0; id < specs_.size(); ++id) {  // an inverse contract prices what it settles in
      const InstrumentSpec& spec = specs_[id];
      if (spec.contract == Contract::inverse && spec.quote == account_asset_ && !rates.knows(spec.base)) {
        rates.set({.asset = spec.base, .instrument = id});
      }
    }
    for (InstrumentId id = 0; id < specs_.size(); ++id) {
      if (!is_wanted(id) || rates.knows(specs_[id].settle())) continue;
      fail(Fault::config,
           "{}:{} settles in {}, the account counts in {}: expected --rate {}=NUMBER or --rate {}=VENUE:SYMBOL, since "
           "no "
           "asset is taken for another",
           specs_[id].venue, specs_[id].symbol, specs_[id].settle(), account_asset_, specs_[id].settle(),
           specs_[id].settle());
    }
    return rates;
  }

  std::unique_ptr<Lane> make_lane(const Lane::Options& wanted, const FeeTable& fees,
                                  const std::vector<Deposit>& deposits, double multiple) {
    for (InstrumentId id = 0; id < specs_.size(); ++id) {
      if (!is_wanted(id) || fees.find(specs_[id].venue) != nullptr) continue;
      fail(Fault::config, "--fees: the table has no fees of {}; it has {}. A run without fees is refused",
           specs_[id].venue, fmt::join(told_venues_, ", "));
    }
    Lane::Options options = wanted;
    options.desk.guards = guards_;
    options.desk.scope.has_quotes = has_quotes_;
    options.desk.limits.notional_max *= multiple;
    auto lane = std::make_unique<Lane>(make_strategy(options_.strategy, rules_, *plan_.all), options, specs_, fees,
                                       make_rates());
    for (const Deposit& one : deposits) {
      lane->deposit(one.venue, one.asset,
                    static_cast<Amount>(std::llround(static_cast<double>(one.amount) * multiple)));
    }
    return lane;
  }

  void add_scenario(std::string name, const Lane::Options& options, double cost_multiple, double capital,
                    const std::vector<Deposit>& deposits) {
    ScenarioLane& one = scenarios_.emplace_back();
    one.name = std::move(name);
    one.fees = options_.fees;
    one.capital = capital;
    for (VenueFees& venue : one.fees.venues) {
      for (FeeTier& tier : venue.tiers) {
        tier.maker_bps *= tier.maker_bps > 0.0 ? cost_multiple : 1.0;
        tier.taker_bps *= cost_multiple;
      }
    }
    one.lane = make_lane(options, one.fees, deposits, capital);
  }

  void make_scenarios(const std::vector<Deposit>& deposits) {
    scenarios_.reserve(4);  // lanes hold their tables by reference
    Lane::Options costly = options_.lane, slow = options_.lane;
    costly.sim.impact_y *= 2.0;
    costly.sim.assumed_impact_bps *= 2.0;
    costly.sim.assumed_half_spread_bps *= 2.0;
    for (LatencyModel* one : {&slow.feed, &slow.sim.order_latency, &slow.sim.ack_latency}) one->multiple *= 2.0;
    add_scenario("2x costs", costly, 2.0, 1.0, deposits);
    add_scenario("2x latency", slow, 1.0, 1.0, deposits);
    add_scenario("size 2x", options_.lane, 1.0, 2.0, deposits);
    add_scenario("size 5x", options_.lane, 1.0, 5.0, deposits);
  }

  void play(const std::shared_ptr<MarketBatch>& batch) {
    collector_.on_batch(*batch);
    main_->play(batch);
    take_log();
    for (ScenarioLane& one : scenarios_) {
      one.lane->play(batch);
      take_log(one);
    }
  }

  void take_log() {
    RunLog& log = main_->desk().log();
    collector_.on_log(log);
    if (files_) files_->write(log);
    log.clear();
  }

  static void take_log(ScenarioLane& one) {
    RunLog& log = one.lane->desk().log();
    one.fills += log.fills.size();
    one.equity.insert(one.equity.end(), log.equity.begin(), log.equity.end());
    log.clear();
  }

  void end() {
    main_->finish();
    take_log();
    const Desk& desk = main_->desk();
    std::vector<RunCollector::Final> finals(desk.account().instruments());
    for (InstrumentId id = 0; id < finals.size(); ++id) {
      if (desk.account().position(id).fills == 0) continue;
      finals[id].rate = desk.rate(id);
      if (desk.position(id) != 0) {
        finals[id].unrealised = desk.rate(id) * to_double(desk.account().unrealised(id, desk.mark(id)));
      }
    }
    collector_.finish(desk.account(), finals);
    result_.capital = result_.equity.empty() ? 0.0 : result_.equity.front().equity;
    if (desk.is_killed()) note(fmt::format("trading was stopped for good: {}", desk.kill_reason()));
    if (!desk.account().is_balanced())
      fail(Fault::output, "the account does not add up: this is a fault of the program");
    for (ScenarioLane& one : scenarios_) {
      one.lane->finish();
      take_log(one);
      result_.scenarios.push_back(outcome_of(one));
    }
    result_.ledger = reader_.ledger();
    result_.files = reader_.source().files();
    if (files_) files_->close();
  }

  static Scenario outcome_of(const ScenarioLane& one) {
    Scenario result{.name = one.name, .fills = one.fills};
    if (one.equity.empty()) return result;
    const EquityPoint& last = one.equity.back();
    const double start = one.equity.front().equity;
    result.net_pnl = last.equity - start;
    result.fees = last.fees;
    result.gross_pnl = result.net_pnl + last.fees - last.funding - last.borrow;
    double peak = start, sum = 0.0, squares = 0.0;
    for (std::size_t i = 0; i < one.equity.size(); ++i) {
      peak = std::max(peak, one.equity[i].equity);
      result.max_drawdown = std::max(result.max_drawdown, (peak - one.equity[i].equity) / peak);
      if (i == 0) continue;
      const double r = one.equity[i].equity / one.equity[i - 1].equity - 1.0;
      sum += r;
      squares += r * r;
    }
    const double n = static_cast<double>(one.equity.size()) - 1.0;
    const double variance = n > 1.0 ? (squares - sum * sum / n) / (n - 1.0) : 0.0;
    if (variance > 0.0) result.sharpe = sum / n / std::sqrt(variance) * std::sqrt(365.0 * 1440.0);
    return result;
  }

  const BacktestOptions& options_;
  RunResult result_;
  RuleSet rules_;
  CrossPlan plan_;
  TickReader reader_;
  CrossGraph graph_;
  RunCollector collector_;
  SpecBook specs_;
  bool has_quotes_ = true;
  std::string account_asset_;
  std::set<std::string> told_venues_;
  std::array<std::size_t, guard_columns> guards_{};
  std::vector<std::shared_ptr<MarketBatch>> batches_;
  std::unique_ptr<Lane> main_;
  std::vector<ScenarioLane> scenarios_;
  std::optional<RunFiles> files_;
};

}  // namespace

RunResult run_backtest(const BacktestOptions& options, const OpenSource& open) {
  return BacktestRun(options, open).run();
}

FeatureSet features_of(const StrategySpec& spec, const GuardLimits& limits) {
  return make_rules(spec, guard_definitions(limits)).features;
}

}  // namespace millrace
