#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "millrace/chunk/chunk.h"
#include "millrace/engine/simulate.h"
#include "millrace/graph/plan.h"

namespace millrace {

/// Simulated rows as a graph gets them: checked, complete, in memory.
struct MeasuredMarket {
  Instruments instruments;
  std::vector<Chunk> chunks;
  std::size_t rows = 0;
};
std::unique_ptr<MeasuredMarket> make_measured_market(const SimulatedMarket::Options& options, const Plan& plan);

/// Medians over repetitions; times are of this machine and moment.
struct Measured {
  double rows_per_second = 0.0;  // clustered output, one thread, by its CPU time: neighbours weigh less
  double one_row_p50_ns = 0.0, one_row_p99_ns = 0.0;
  double snapshot_ms = 0.0, restore_ms = 0.0;  // of all instruments
  std::size_t instruments = 0, state_bytes = 0, rows = 0;
};

/// Checks first that the rows one by one give the bits of whole chunks (Error(Fault::state) where not), then measures.
Measured measure_graph(const std::shared_ptr<const Plan>& plan, const MeasuredMarket& market, std::size_t repetitions);

}  // namespace millrace
