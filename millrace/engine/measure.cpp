#include "millrace/engine/measure.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <ctime>

#include "millrace/base/error.h"
#include "millrace/chunk/door.h"
#include "millrace/graph/graph.h"

namespace millrace {

namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double quantile(std::vector<double>& values, double q) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

bool has_equal_bits(const FeatureColumn& a, std::size_t i, const FeatureColumn& b, std::size_t j) {
  if (a.type == ValueType::flag) return a.flags[i] == b.flags[j];
  if (is_integer(a.type)) return a.integers[i] == b.integers[j];
  return std::bit_cast<std::uint64_t>(a.values[i]) == std::bit_cast<std::uint64_t>(b.values[j]) ||
         (std::isnan(a.values[i]) && std::isnan(b.values[j]));
}

void check_answers(const std::shared_ptr<const Plan>& plan, const Chunk& chunk) {
  const std::size_t rows = std::min<std::size_t>(chunk.rows(), 20'000);
  Chunk part, one;
  part.reset(chunk.columns);
  part.append(chunk, 0, rows);
  Graph whole(plan), single(plan);
  FeatureBlock expected, was;
  whole.run(part, expected);
  std::vector<std::size_t> place(rows);  // of a row of the chunk among the clustered ones
  for (std::size_t i = 0; i < rows; ++i) place[expected.order[i]] = i;
  for (std::size_t row = 0; row < rows; ++row) {
    one.reset(chunk.columns);
    one.append(chunk, row, 1);
    single.run(one, was);
    if (was.columns.size() != plan->features.size()) fail(Fault::state, "measure: {} has no columns", plan->profile);
    for (std::size_t f = 0; f < was.columns.size(); ++f) {
      if (has_equal_bits(expected.columns[f], place[row], was.columns[f], 0)) continue;
      fail(Fault::state, "measure: row {} of {} differs between one row and {}", row, was.columns[f].name, rows);
    }
  }
}

void measure_rows(const std::shared_ptr<const Plan>& plan, const MeasuredMarket& market, std::size_t repetitions,
                  Measured& measured) {
  Graph graph(plan);
  FeatureBlock features;
  std::vector<double> speeds;
  for (std::size_t i = 0; i <= repetitions; ++i) {
    const std::clock_t start = std::clock();
    for (const Chunk& chunk : market.chunks) graph.run(chunk, features);
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    if (i > 0) speeds.push_back(static_cast<double>(market.rows) / seconds);  // the first one warms up
  }
  measured.rows_per_second = quantile(speeds, 0.5);
  measured.state_bytes = graph.state_bytes();
  std::vector<double> snapshots, restores;
  for (std::size_t i = 0; i < repetitions; ++i) {
    std::vector<Bytes> bytes(graph.instruments());
    auto start = std::chrono::steady_clock::now();
    for (InstrumentId id = 0; id < bytes.size(); ++id) graph.snapshot(id, "venue:symbol", 1, bytes[id]);
    snapshots.push_back(1e3 * seconds_since(start));
    start = std::chrono::steady_clock::now();
    for (InstrumentId id = 0; id < bytes.size(); ++id) graph.restore(id, "venue:symbol", bytes[id]);
    restores.push_back(1e3 * seconds_since(start));
  }
  measured.snapshot_ms = quantile(snapshots, 0.5);
  measured.restore_ms = quantile(restores, 0.5);
}

/// The clock's own cost is measured with nothing between two readings, and taken off.
void measure_one_row(const std::shared_ptr<const Plan>& plan, const MeasuredMarket& market, Measured& measured) {
  Graph graph(plan);
  FeatureBlock features;
  Chunk one;
  std::vector<double> times, idle;
  for (std::size_t i = 0; i < 100'000; ++i) {
    const Chunk& chunk = market.chunks[i / default_chunk_rows % market.chunks.size()];
    one.reset(chunk.columns);
    one.append(chunk, i % chunk.rows(), 1);
    const auto start = std::chrono::steady_clock::now();
    graph.run(one, features);
    const auto end = std::chrono::steady_clock::now();
    const auto after = std::chrono::steady_clock::now();
    times.push_back(std::chrono::duration<double, std::nano>(end - start).count());
    idle.push_back(std::chrono::duration<double, std::nano>(after - end).count());
  }
  const double clock = quantile(idle, 0.5);
  measured.one_row_p50_ns = quantile(times, 0.5) - clock;
  measured.one_row_p99_ns = quantile(times, 0.99) - clock;
}

}  // namespace

std::unique_ptr<MeasuredMarket> make_measured_market(const SimulatedMarket::Options& options, const Plan& plan) {
  auto made = std::make_unique<MeasuredMarket>();
  Ledger ledger;
  Door door(ledger);
  SimulatedMarket market(options, made->instruments);
  Chunk chunk;
  for (bool is_more = true; is_more;) {
    chunk.reset(plan.columns);
    is_more = market.next(chunk);
    door.admit(chunk);
    if (chunk.rows() == 0) continue;
    made->rows += chunk.rows();
    made->chunks.push_back(chunk);
  }
  return made;
}

Measured measure_graph(const std::shared_ptr<const Plan>& plan, const MeasuredMarket& market, std::size_t repetitions) {
  check_answers(plan, market.chunks.front());
  Measured measured{.instruments = market.instruments.size(), .rows = market.rows};
  measure_rows(plan, market, repetitions, measured);
  measure_one_row(plan, market, measured);
  return measured;
}

}  // namespace millrace
