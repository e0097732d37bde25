#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/chunk/chunk.h"
#include "millrace/chunk/sink.h"
#include "millrace/graph/array_run.h"
#include "millrace/graph/graph.h"

namespace millrace {

/// Empty, or why arrays cannot be put through the kernel. Whoever gives kernels another scope (several
/// instruments, matrices, orders) says here what a call over arrays makes of it.
std::string_view why_not_callable(const KernelInfo& kernel);

/// Rows of one call, in columns: every input is observed on every row.
struct KernelRows {
  std::size_t count = 0;
  std::vector<std::span<const double>> inputs;  // NaN and ±inf = no observation; one for each input that is given
  std::span<const InstrumentId> keys;           // dense; empty = all rows are of one instrument
  std::span<const Nanos> event, received;       // empty = not given; then rows stand 1 ns apart
};

/// One kernel over arrays: nulls, warm-up, windows and bits are those of a feature. Arrays of one instrument go
/// straight through the kernel where it knows no times, all others through the graph.
class KernelCall {
 public:
  static constexpr std::size_t most_state_bytes = std::size_t{8} << 30U;  // of all keys together

  /// `inputs` names those that are given, in the kernel's order; one that is a time is the row's own and not named.
  /// Reads the parameters as an expression does. Throws Error(Fault::config) with all that is wrong, in the words of
  /// the command line.
  KernelCall(const KernelInfo& kernel, const std::vector<Argument>& arguments,
             const std::vector<std::string_view>& inputs);

  const KernelInfo& kernel() const { return kernel_; }
  bool needs_times() const;
  /// Whether the rows go straight through the kernel.
  bool is_direct(const KernelRows& rows) const { return rows.keys.empty() && ArrayRun::takes(graph_.program()); }

  /// Writes each output by row, NaN = null; flags and times (ns) are numbers here. `between` is called every few
  /// thousand rows and may throw. REQUIRES: `out` has room for the rows, one span for each output of the kernel; all
  /// calls are with keys, or none is. Throws Error(Fault::input) where the rows do not fit the call.
  void run(const KernelRows& rows, std::span<double* const> out, const std::function<void()>& between);

 private:
  std::shared_ptr<const Plan> make_plan(std::vector<Argument> arguments,
                                        const std::vector<std::string_view>& inputs) const;
  void check(const KernelRows& rows) const;
  void load(const KernelRows& rows, std::size_t first, std::size_t count);
  void run_graph(const KernelRows& rows, std::span<double* const> out, const std::function<void()>& between);

  const KernelInfo& kernel_;
  std::vector<std::string_view> inputs_;
  std::shared_ptr<const Plan> plan_;
  Graph graph_;
  std::optional<ArrayRun> arrays_;
  Chunk chunk_;
  FeatureBlock features_;
};

}  // namespace millrace
