#include "millrace/engine/sweep.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "millrace/base/error.h"
#include "millrace/base/workers.h"
#include "millrace/engine/interrupt.h"
#include "millrace/engine/return_figures.h"
#include "millrace/engine/run_market.h"
#include "millrace/engine/tick_reader.h"
#include "millrace/graph/cross_graph.h"

namespace millrace {

namespace {

constexpr double minutes_a_year = 365.0 * 1440.0;
constexpr std::size_t least_returns = 2;

struct TrialLane {
  StrategySpec strategy;
  RuleSet rules;
  FeeTable fees;
  std::unique_ptr<Lane> lane;
  std::vector<std::pair<Nanos, double>> equity;
  double fee_sum = 0.0, carry_sum = 0.0;  // fees; funding and borrow
  std::uint64_t fills = 0, blocked = 0;
};

/// Trials whose features are the same: they are computed once.
struct Group {
  CrossPlan plan;
  std::optional<CrossGraph> graph;
  std::vector<std::shared_ptr<MarketBatch>> batches;
  std::shared_ptr<MarketBatch> batch;
  std::vector<std::size_t> lanes;

  /// One that no lane waits for.
  std::shared_ptr<MarketBatch> free_batch() {
    for (auto& one : batches) {
      if (one.use_count() == 1) return one;
    }
    return batches.emplace_back(std::make_shared<MarketBatch>());
  }
};

/// Returns of the steps within [from, to).
std::vector<double> returns_of(const TrialLane& lane, Nanos from, Nanos to) {
  std::vector<double> returns;
  for (std::size_t i = 1; i < lane.equity.size(); ++i) {
    const Nanos start = lane.equity[i - 1].first;
    if (start < from || start >= to) continue;
    returns.push_back(lane.equity[i].second / lane.equity[i - 1].second - 1.0);
  }
  return returns;
}

class Sweep {
 public:
  Sweep(const RunSettings& settings, const std::vector<GridAxis>& axes, const WalkForward& walk, std::size_t threads,
        const OpenSource& open)
      : walk_(walk), workers_(threads) {
    result_.axes = axes;
    make_trials(settings, axes);
    ColumnSet wanted = market_row_columns;
    for (const auto& group : groups_) wanted = wanted | group->plan.all->columns;
    reader_ = std::make_unique<TickReader>(
        TickReader::Options{.symbols = options_.symbols, .from = options_.from, .to = options_.to, .wanted = wanted},
        open);
    market_ = std::make_unique<RunMarket>(options_, reader_->instruments());
    market_->check_needs(options_.strategy, reader_->source());
    for (auto& group : groups_) group->graph.emplace(group->plan, reader_->instruments(), 1);
    result_.strategy = options_.strategy.name;
    result_.plans = groups_.size();
  }

  SweepResult run(bool has_progress) {
    const auto start = std::chrono::steady_clock::now();
    {
      std::optional<Progress> progress;
      if (has_progress) progress.emplace(reader_->counters());
      Chunk chunk;
      bool has_begun = false;
      while (reader_->next(chunk)) {
        stop_if_asked();
        if (chunk.rows() == 0) continue;
        market_->learn([this](InstrumentId id, double step) {
          for (auto& group : groups_) group->graph->set_tick_size(id, step);
        });
        if (!has_begun) begin(chunk);
        has_begun = true;
        play(chunk);
      }
      if (!has_begun) fail(Fault::input, "the input has no row between --from and --to; expected at least one");
    }
    reader_->complain_of_unmet();
    for (TrialLane& one : lanes_) {
      one.lane->finish();
      take_log(one);
    }
    judge();
    walk_forward();
    result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return std::move(result_);
  }

 private:
  void make_trials(const RunSettings& settings, const std::vector<GridAxis>& axes) {
    std::size_t count = 1;
    for (const GridAxis& axis : axes) {
      count *= axis.values.size();
      if (count > most_trials) fail(Fault::usage, "--grid: expected at most {} trials, were more", most_trials);
    }
    RunSettings first = settings;
    options_ = make_options(first);
    check_axes(first, axes);
    lanes_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      RunSettings one = first;
      Trial& trial = result_.trials.emplace_back();
      std::size_t rest = i;
      for (std::size_t axis = axes.size(); axis-- > 0;) {
        trial.parameters.emplace_back(axes[axis].name, axes[axis].values[rest % axes[axis].values.size()]);
        rest /= axes[axis].values.size();
      }
      std::reverse(trial.parameters.begin(), trial.parameters.end());
      for (const auto& pair : trial.parameters) one.set.push_back(pair);
      BacktestOptions made = make_options(one);
      lanes_[i].strategy = std::move(made.strategy);
      lanes_[i].fees = std::move(made.fees);
      lanes_[i].rules = make_rules(lanes_[i].strategy, guard_definitions(options_.lane.desk.limits));
      join_group(i);
    }
  }

  void check_axes(const RunSettings& settings, const std::vector<GridAxis>& axes) const {
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const std::string& name = axes[i].name;
      const auto is_named = [&](const auto& one) { return one.first == name; };
      const auto is_axis = [&](const GridAxis& one) { return one.name == name; };
      if (std::any_of(axes.begin(), axes.begin() + static_cast<std::ptrdiff_t>(i), is_axis))
        fail(Fault::usage, "--grid: `{}` is given twice", name);
      if (std::any_of(settings.set.begin(), settings.set.end(), is_named))
        fail(Fault::usage, "--grid: `{}` is given with --set too", name);
      StrategySpec probe = options_.strategy;
      for (const std::string& value : axes[i].values) probe.set(name, value, "--grid");
    }
  }

  void join_group(std::size_t lane) {
    CrossPlan plan = make_cross_plan(lanes_[lane].rules.features);
    const auto is_same = [&](const Plan& other) {
      if (other.fingerprint != plan.all->fingerprint || other.features.size() != plan.all->features.size())
        return false;
      return std::equal(other.features.begin(), other.features.end(), plan.all->features.begin(),
                        [](const PlannedFeature& a, const PlannedFeature& b) { return a.name == b.name; });
    };
    for (auto& group : groups_) {
      if (!is_same(*group->plan.all)) continue;
      group->lanes.push_back(lane);
      return;
    }
    auto& group = groups_.emplace_back(std::make_unique<Group>());
    group->plan = std::move(plan);
    group->lanes.push_back(lane);
  }

  void begin(const Chunk& chunk) {
    market_->begin(options_.strategy, chunk);
    result_.asset = market_->account_asset();
    result_.from = chunk.ts_event.front();
    for (auto& group : groups_) {
      for (const std::size_t i : group->lanes) {
        TrialLane& one = lanes_[i];
        one.lane = market_->make_lane(one.strategy, one.rules, *group->plan.all, options_.lane, one.fees);
      }
    }
  }

  /// Features of each group first, then all lanes; threads take what is next.
  void play(Chunk& chunk) {
    result_.rows += chunk.rows();
    result_.to = std::max(result_.to, chunk.ts_event.back());
    share_out(groups_.size(), [&](std::size_t i) {
      Group& group = *groups_[i];
      group.batch = group.free_batch();
      if (groups_.size() == 1) {
        std::swap(group.batch->chunk, chunk);
      } else {
        group.batch->chunk = chunk;
      }
      group.graph->run(group.batch->chunk, group.batch->features);
      group.batch->index();
    });
    std::vector<std::pair<std::size_t, Group*>> work;
    for (auto& group : groups_) {
      for (const std::size_t lane : group->lanes) work.emplace_back(lane, group.get());
    }
    share_out(work.size(), [&](std::size_t i) {
      TrialLane& one = lanes_[work[i].first];
      one.lane->play(work[i].second->batch);
      take_log(one);
    });
    for (auto& group : groups_) group->batch.reset();
    if (lanes_.size() * lanes_.front().equity.size() > most_equity_points_of_sweep) {
      fail(Fault::config,
           "--grid: {} trials have more than {} minutes of equity together; expected fewer trials, or a "
           "shorter span with --from and --to",
           lanes_.size(), most_equity_points_of_sweep);
    }
  }

  template <class Work>
  void share_out(std::size_t count, Work&& work) {
    std::atomic<std::size_t> next = 0;
    workers_.run([&](std::size_t) {
      for (std::size_t i = next++; i < count; i = next++) work(i);
    });
  }

  static void take_log(TrialLane& one) {
    RunLog& log = one.lane->desk().log();
    for (const EquityPoint& point : log.equity) one.equity.emplace_back(point.ts, point.equity);
    if (!log.equity.empty()) {
      const EquityPoint& last = log.equity.back();
      one.fee_sum = last.fees;
      one.carry_sum = last.funding + last.borrow;
    }
    one.fills += log.fills.size();
    for (const OrderRecord& order : log.orders) one.blocked += order.status == "blocked" ? 1 : 0;
    log.clear();
  }

  void judge() {
    std::vector<double> sharpes;
    std::vector<ReturnFigures> figures;
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      const TrialLane& one = lanes_[i];
      Trial& trial = result_.trials[i];
      if (one.equity.empty()) fail(Fault::input, "{}", unknown_worth);
      const double start = one.equity.front().second;
      if (i == 0) result_.capital = start;
      trial.net_pnl = one.equity.back().second - start;
      trial.fees = one.fee_sum;
      trial.gross_pnl = trial.net_pnl + one.fee_sum - one.carry_sum;
      trial.fills = one.fills;
      trial.blocked = one.blocked;
      double peak = start;
      for (const auto& [ts, equity] : one.equity) {
        peak = std::max(peak, equity);
        trial.max_drawdown = std::max(trial.max_drawdown, (peak - equity) / peak);
      }
      figures.push_back(measure_returns(returns_of(one, INT64_MIN, INT64_MAX), minutes_a_year));
      trial.sharpe = figures.back().sharpe;
      trial.sharpe_se = figures.back().sharpe_error;
      if (has_value(trial.sharpe)) sharpes.push_back(trial.sharpe);
      const double best = result_.trials[result_.best].sharpe;
      if (has_value(trial.sharpe) && (!has_value(best) || trial.sharpe > best)) result_.best = i;
    }
    const double luck = sharpe_by_luck(lanes_.size(), sharpes);
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      if (has_value(luck)) result_.trials[i].deflated = probability_above(figures[i], luck);
    }
  }

  double sharpe_within(std::size_t lane, Nanos from, Nanos to) const {
    const std::vector<double> returns = returns_of(lanes_[lane], from, to);
    return returns.size() < least_returns ? no_value : measure_returns(returns, minutes_a_year).sharpe;
  }

  void walk_forward() {
    if (walk_.train == 0) return;
    std::vector<double> out_of_sample;
    Nanos from = result_.from;
    while (from + walk_.train + walk_.test <= result_.to) {
      Fold fold{.train_from = from, .train_to = from + walk_.train - walk_.purge, .test_from = from + walk_.train};
      fold.test_to = fold.test_from + walk_.test;
      for (std::size_t i = 0; i < lanes_.size(); ++i) {
        const double sharpe = sharpe_within(i, fold.train_from, fold.train_to);
        if (has_value(sharpe) && (!has_value(fold.train_sharpe) || sharpe > fold.train_sharpe)) {
          fold.train_sharpe = sharpe;
          fold.chosen = i;
        }
      }
      double growth = 1.0;
      for (double r : returns_of(lanes_[fold.chosen.value_or(0)], fold.test_from, fold.test_to)) {
        if (!fold.chosen) r = 0.0;
        growth *= 1.0 + r;
        out_of_sample.push_back(r);
      }
      if (fold.chosen) fold.test_sharpe = sharpe_within(*fold.chosen, fold.test_from, fold.test_to);
      fold.test_net = result_.capital * (growth - 1.0);
      result_.walk_net += fold.test_net;
      result_.folds.push_back(fold);
      from += walk_.test + static_cast<Nanos>(walk_.embargo * static_cast<double>(walk_.train));
    }
    if (result_.folds.empty()) {
      fail(Fault::config, "--walk-forward: train and test together are longer than the input, {}",
           format_duration(std::max<Nanos>(1, result_.to - result_.from)));
    }
    if (out_of_sample.size() >= least_returns)
      result_.walk_sharpe = measure_returns(out_of_sample, minutes_a_year).sharpe;
  }

  WalkForward walk_;
  Workers workers_;
  BacktestOptions options_;
  SweepResult result_;
  std::vector<TrialLane> lanes_;
  std::vector<std::unique_ptr<Group>> groups_;
  std::unique_ptr<TickReader> reader_;
  std::unique_ptr<RunMarket> market_;
};

}  // namespace

SweepResult run_sweep(const RunSettings& settings, const std::vector<GridAxis>& axes, const WalkForward& walk,
                      std::size_t threads, bool has_progress, const OpenSource& open) {
  return Sweep(settings, axes, walk, threads, open).run(has_progress);
}

}  // namespace millrace
