#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "millrace/engine/config.h"
#include "millrace/engine/measure.h"
#include "millrace/engine/run_market.h"
#include "millrace/engine/run_settings.h"
#include "millrace/engine/simulate.h"
#include "millrace/engine/sweep.h"
#include "millrace/graph/graph.h"

/// mean_reversion over the simulated market of 14 instruments: with its features and those of listed-36 on one core, on
/// stored features (rules, venue and desk only), and as a sweep of 100 parameter sets on two cores. What is traded is
/// compared between ways of cutting the rows before anything is timed.
namespace {

using namespace millrace;
/// Processor time of this thread: other work on the machine does not count.
double now_s() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

constexpr std::size_t rows = 3'000'000, repetitions = 5;

RunSettings settings() {
  RunSettings s;
  s.strategy = "mean_reversion";
  s.fees = "shipped";
  s.tiers = {"simulated=free"};
  s.has_edge_test = false;
  s.inputs = {"simulated"};
  return s;
}

/// All that a run needs, over rows in memory.
struct Setup {
  RunSettings texts = settings();
  BacktestOptions options = make_options(texts);
  RuleSet rules;
  std::shared_ptr<const Plan> plan;
  std::unique_ptr<MeasuredMarket> market;
  std::unique_ptr<RunMarket> run;

  Setup() {
    std::vector<Definition> more = guard_definitions(options.lane.desk.limits);
    for (const Definition& one : load_profile("listed-36").features) more.push_back(one);
    rules = make_rules(options.strategy, more);
    plan = make_plan(rules.features);
    Plan wanted = *plan;
    wanted.columns = wanted.columns | market_row_columns;
    market = make_measured_market({.rows = rows, .symbols = 14, .seed = 7}, wanted);
    run = std::make_unique<RunMarket>(options, market->instruments);
    run->learn([](InstrumentId, double) {});
    run->begin(options.strategy, market->chunks.front());
  }
  std::unique_ptr<Lane> lane() const {
    return run->make_lane(options.strategy, rules, *plan, options.lane, options.fees);
  }
};

struct Played {
  double seconds = 0.0;
  std::uint64_t fills = 0;
  double equity = 0.0;
};

void take(Lane& lane, Played& played) {
  RunLog& log = lane.desk().log();
  played.fills += log.fills.size();
  if (!log.equity.empty()) played.equity = log.equity.back().equity;
  log.clear();
}

/// Graph, rules, venue and desk; chunks of at most `most_rows`.
Played play_ticks(const Setup& setup, std::size_t most_rows) {
  Played played;
  Graph graph(setup.plan);
  const auto lane = setup.lane();
  std::vector<std::shared_ptr<MarketBatch>> batches;
  for (const Chunk& whole : setup.market->chunks) {
    for (std::size_t first = 0; first < whole.rows(); first += most_rows) {
      auto at = std::find_if(batches.begin(), batches.end(), [](const auto& one) { return one.use_count() == 1; });
      if (at == batches.end()) at = batches.insert(batches.end(), std::make_shared<MarketBatch>());
      MarketBatch& batch = **at;
      batch.chunk.reset(whole.columns);
      batch.chunk.append(whole, first, std::min(most_rows, whole.rows() - first));
      const double start = now_s();
      graph.run(batch.chunk, batch.features);
      batch.index();
      lane->play(*at);
      played.seconds += now_s() - start;
      take(*lane, played);
    }
  }
  lane->finish();
  take(*lane, played);
  return played;
}

std::vector<std::shared_ptr<MarketBatch>> stored(const Setup& setup, std::size_t most) {
  std::vector<std::shared_ptr<MarketBatch>> batches;
  Graph graph(setup.plan);
  for (const Chunk& chunk : setup.market->chunks) {
    if (batches.size() == most) break;
    auto batch = std::make_shared<MarketBatch>();
    batch->chunk = chunk;
    graph.run(batch->chunk, batch->features);
    batch->index();
    batches.push_back(std::move(batch));
  }
  return batches;
}

Played play_stored(const Setup& setup, const std::vector<std::shared_ptr<MarketBatch>>& batches) {
  Played played;
  const auto lane = setup.lane();
  const double start = now_s();
  for (const auto& batch : batches) {
    lane->play(batch);
    take(*lane, played);
  }
  lane->finish();
  take(*lane, played);
  played.seconds = now_s() - start;
  return played;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void measure_sweep() {
  const std::vector<GridAxis> axes{parse_axis("entry_z=1..2.8:0.2"), parse_axis("stop_sd=2..6.5:0.5")};
  const auto open = [](Instruments& instruments, Ledger&) -> std::unique_ptr<Source> {
    return std::make_unique<SimulatedMarket>(SimulatedMarket::Options{.rows = 5'000'000, .symbols = 14, .seed = 7},
                                             instruments);
  };
  const SweepResult result = run_sweep(settings(), axes, {}, 2, false, open);
  fmt::print("sweep: {} trials on {} rows, two threads: {:.1f} s ({} feature plan)\n", result.trials.size(),
             result.rows, result.seconds, result.plans);
}

}  // namespace

int main() {
  try {
    const Setup setup;
    const Played whole = play_ticks(setup, default_chunk_rows), cut = play_ticks(setup, 1'000);
    if (whole.fills == 0 || whole.fills != cut.fills || whole.equity != cut.equity) {
      fmt::print(stderr, "bench/backtest: {} fills and {} in chunks of 1,000 rows; expected the same, above 0\n",
                 whole.fills, cut.fills);
      return 1;
    }
    std::vector<double> ticks, rules;
    const auto batches = stored(setup, 16);
    std::size_t stored_rows = 0;
    for (const auto& batch : batches) stored_rows += batch->chunk.rows();
    for (std::size_t i = 0; i < repetitions; ++i) {
      ticks.push_back(static_cast<double>(setup.market->rows) / play_ticks(setup, default_chunk_rows).seconds / 1e6);
      rules.push_back(static_cast<double>(stored_rows) / play_stored(setup, batches).seconds / 1e6);
    }
    fmt::print("mean_reversion, 14 instruments, {} features, {} fills, one core\n", setup.plan->features.size(),
               whole.fills);
    fmt::print("ticks with listed-36: {:.2f} M rows/s\nstored features: {:.2f} M rows/s\n", median(ticks),
               median(rules));
    if (std::getenv("MILLRACE_QUICK") == nullptr) measure_sweep();
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench/backtest: {}\n", error.what());
    return 1;
  }
}
