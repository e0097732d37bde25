#include "millrace/graph/graph.h"

#include <cstdio>
#include <exception>

#include <fmt/format.h>

#include "millrace/engine/config.h"
#include "millrace/engine/measure.h"

namespace millrace {
namespace {

void measure(const char* profile, SimulatedMarket::Kinds kinds) {
  constexpr std::size_t repetitions = 7;
  const auto plan = make_plan(load_profile(profile));
  const bool is_mixed = kinds == SimulatedMarket::Kinds::mixed;
  fmt::print("\n{}, {}, {} bytes of state an instrument\n{:>12}{:>14}{:>12}{:>12}{:>14}{:>14}\n", profile,
             is_mixed ? "quotes and trades" : "tickers: every feature on every row", Graph(plan).state_bytes(),
             "instruments", "M rows/s", "row p50 ns", "row p99 ns", "snapshot ms", "restore ms");
  for (const std::size_t symbols : {14UL, 1000UL, 10'000UL}) {
    const auto market = make_measured_market({.rows = 3'000'000, .symbols = symbols, .seed = 7, .kinds = kinds}, *plan);
    const Measured m = measure_graph(plan, *market, repetitions);
    fmt::print("{:>12}{:>14.2f}{:>12.0f}{:>12.0f}{:>14.2f}{:>14.2f}\n", m.instruments, m.rows_per_second / 1e6,
               m.one_row_p50_ns, m.one_row_p99_ns, m.snapshot_ms, m.restore_ms);
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace millrace

/// Both profiles in memory on one core, one row at a time, and their snapshots. Answers are checked before anything is
/// timed.
int main() {
  using millrace::SimulatedMarket;
  try {
    for (const char* profile : {"listed-36", "default-100"}) {
      for (const auto kinds : {SimulatedMarket::Kinds::mixed, SimulatedMarket::Kinds::ticker}) {
        millrace::measure(profile, kinds);
      }
    }
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench/graph: {}\n", error.what());
    return 1;
  }
}
