#include "millrace/engine/backtest.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/engine/batch_reader.h"
#include "millrace/engine/interrupt.h"
#include "millrace/engine/performance.h"
#include "millrace/engine/run_collector.h"
#include "millrace/engine/run_description.h"
#include "millrace/engine/run_market.h"
#include "millrace/engine/stored_features.h"
#include "millrace/engine/symbol_filter.h"
#include "millrace/engine/tick_reader.h"
#include "millrace/graph/cross_graph.h"
#include "millrace/io/run_files.h"

namespace millrace {

namespace {

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
                 .wanted = plan_.all->columns | market_row_columns,
                 .most_rows = options.features.empty() ? TickReader::cached_rows : StoredFeatures::chunk_rows},
                open),
        graph_(plan_, reader_.instruments(), options.threads),
        market_(options, reader_.instruments()),
        rows_(options.most_gap),
        collector_(reader_.instruments(), result_) {
    result_.strategy = options.strategy.name;
    result_.title = options.strategy.title;
    result_.equity_step = options.lane.desk.equity_step;
    market_.check_needs(options.strategy, reader_.source());
    if (!options.features.empty()) stored_.emplace(options.features, *plan_.all);
  }

  RunResult run() {
    std::optional<Progress> progress;
    if (options_.has_progress) progress.emplace(reader_.counters());
    {
      BatchReader batches(reader_, [this](MarketBatch& batch) { complete(batch); });
      while (const auto batch = batches.next()) {
        stop_if_asked();
        market_.learn();
        if (!main_) begin(*batch);
        play(batch);
      }
    }
    progress.reset();
    reader_.complain_of_unmet();
    if (stored_) stored_->finish();
    for (const Leg& leg : stored_ ? std::vector<Leg>{} : graph_.unmet_legs()) {
      fail(Fault::input, "leg {}: no row of `{}` came in; the input has {}", leg.name, leg.instrument,
           names_of(reader_.instruments()));
    }
    if (!main_) fail(Fault::input, "the input has no row between --from and --to; expected at least one");
    end();
    return std::move(result_);
  }

 private:
  /// What rows tell without a strategy, on the thread of the batches.
  void complete(MarketBatch& batch) {
    for (; sized_ < reader_.instruments().size(); ++sized_) {
      const InstrumentSpec spec = market_.spec_for(sized_);
      if (spec.is_known) graph_.set_tick_size(sized_, spec.price(1));
    }
    if (stored_) {
      stored_->run(batch);
    } else {
      graph_.run(batch.chunk, batch.features);
    }
    batch.index();
    rows_.on_batch(batch);
  }

  void note(std::string text) { result_.notes.push_back(std::move(text)); }

  /// The first rows are here: money, rates and lanes can be made.
  void begin(const MarketBatch& batch) {
    market_.begin(options_.strategy, batch.chunk);
    result_.asset = market_.account_asset();
    for (const std::string& one : market_.notes()) note(one);
    main_ = market_.make_lane(options_.strategy, rules_, *plan_.all, options_.lane, options_.fees);
    if (options_.has_scenarios) make_scenarios();
    if (!options_.out.empty()) {
      files_.emplace(options_.out, reader_.instruments(), market_.specs(), options_.provenance);
    }
  }

  void add_scenario(std::string name, const Lane::Options& options, double cost_multiple, double capital,
                    const StrategySpec* strategy = nullptr) {
    ScenarioLane& one = scenarios_.emplace_back();
    one.name = std::move(name);
    one.fees = options_.fees;
    one.capital = capital;
    for (VenueFees& venue : one.fees.venues) {
      for (FeeTier& tier : venue.tiers) {
        tier.maker_bps *= tier.maker_bps > 0.0 ? cost_multiple : 1.0;
        tier.taker_bps *= tier.taker_bps > 0.0 ? cost_multiple : 1.0;
      }
    }
    if (strategy == nullptr) strategy = &options_.strategy;
    one.lane = market_.make_lane(*strategy, rules_, *plan_.all, options, one.fees, capital);
  }

  void make_scenarios() {
    scenarios_.reserve(5);  // lanes hold their tables by reference
    Lane::Options costly = options_.lane, slow = options_.lane;
    costly.sim.impact_y *= 2.0;
    costly.sim.assumed_impact_bps *= 2.0;
    costly.sim.assumed_half_spread_bps *= 2.0;
    for (LatencyModel* one : {&slow.feed, &slow.sim.order_latency, &slow.sim.ack_latency}) one->multiple *= 2.0;
    add_scenario("2x costs", costly, 2.0, 1.0);
    add_scenario("2x latency", slow, 1.0, 1.0);
    add_scenario("size 2x", options_.lane, 1.0, 2.0);
    add_scenario("size 5x", options_.lane, 1.0, 5.0);
    if (!options_.strategy.overlay) return;
    StrategySpec bare = options_.strategy;
    bare.overlay = false;
    add_scenario("without regime_aware", options_.lane, 1.0, 1.0, &bare);
  }

  void play(const std::shared_ptr<const MarketBatch>& batch) {
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
    for (std::string& one : log.notes) note(std::move(one));
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
    collector_.finish(rows_, desk.account(), finals);
    if (result_.equity.empty()) fail(Fault::input, "{}", unknown_worth);
    result_.capital = result_.equity.front().equity;
    if (desk.is_killed()) note(fmt::format("trading was stopped for good: {}", desk.kill_reason()));
    if (!desk.account().is_balanced())
      fail(Fault::output, "the account does not add up: this is a fault of the program");
    for (ScenarioLane& one : scenarios_) {
      one.lane->finish();
      take_log(one);
      result_.scenarios.push_back(outcome_of(one, result_.equity_step));
    }
    describe(options_, market_, reader_.instruments(), result_);
    result_.provenance = options_.provenance;
    for (SymbolResult& one : result_.symbols) {
      const InstrumentId id = reader_.instruments().find(one.venue, one.symbol);
      one.rejected_rows = reader_.door().rejected(id);
    }
    result_.ledger = reader_.ledger();
    result_.files = reader_.source().files();
    if (files_) files_->close();
  }

  static Scenario outcome_of(const ScenarioLane& one, Nanos step) {
    Scenario result{.name = one.name, .fills = one.fills};
    if (one.equity.empty()) return result;
    const EquityPoint& last = one.equity.back();
    const double start = one.equity.front().equity;
    result.net_pnl = last.equity - start;
    result.fees = last.fees;
    result.gross_pnl = result.net_pnl + last.fees - last.funding - last.borrow;
    result.max_drawdown = measure_drawdowns(one.equity, start).deepest;
    std::vector<double> returns;
    for (std::size_t i = 1; i < one.equity.size(); ++i) {
      returns.push_back(one.equity[i].equity / one.equity[i - 1].equity - 1.0);
    }
    result.sharpe = measure_returns(returns, static_cast<double>(one_year) / static_cast<double>(step)).sharpe;
    return result;
  }

  const BacktestOptions& options_;
  RunResult result_;
  RuleSet rules_;
  CrossPlan plan_;
  TickReader reader_;
  CrossGraph graph_;
  InstrumentId sized_ = 0;                // instruments whose price step the graph was told
  std::optional<StoredFeatures> stored_;  // in the place of the graph
  RunMarket market_;
  RowCollector rows_;
  RunCollector collector_;
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
