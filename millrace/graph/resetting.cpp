#include <algorithm>
#include <cstring>

#include "millrace/graph/block.h"

// Kernels with nan_policy=reset. Few ask for it, so they go row by row and may be slow; everyone else shares packings.

namespace millrace {

namespace {

/// Puts one value behind the history of input `i` and returns where it lies.
const double* remember(const Packing& packing, std::size_t i, const double* value, std::byte* state) {
  const std::size_t depth = packing.depth[i];
  if (depth == 0) return value;
  auto& filled = *reinterpret_cast<std::uint64_t*>(state + packing.history[i]);
  auto* values = reinterpret_cast<double*>(&filled + 1);
  if (filled == depth + history_slack) {
    std::memmove(values, values + history_slack, depth * sizeof(double));
    filled = depth;
  }
  values[filled] = *value;
  return values + filled++;
}

/// When the kernel was last started anew; its first row, as far as it knows.
Nanos& reset_time(const Step& one, std::byte* state) {
  return *reinterpret_cast<Nanos*>(state + one.state - sizeof(Nanos));
}

}  // namespace

void BlockRunner::reset_dense(const Step& one, std::byte* state) {
  const Packing& packing = program_.packings[one.group];
  const Node& node = program_.plan->nodes[one.node];
  const Base& base = bases_[packing.base];
  const std::size_t outputs = node.kernel->outputs.size();
  auto& count = *reinterpret_cast<std::uint64_t*>(state + packing.state);
  std::fill(operands_.begin(), operands_.end(), nullptr);  // optional inputs that the call leaves out
  for (std::size_t j = 0; j < base.count; ++j) {
    const Nanos now = clock_[packing.scope][base.is_full ? j : base.row[j]];
    std::array<double*, largest_outputs> out;
    for (std::size_t k = 0; k < outputs; ++k) out[k] = at_[one.out + k] + j;
    bool is_observed = true;
    for (std::size_t i = 0; i < packing.slots.size(); ++i) {
      is_observed &= is_given(at_[packing.slots[i]][j], packing.needed[i]);
    }
    if (!is_observed) {
      for (std::size_t k = 0; k < outputs; ++k) *out[k] = no_value;
      count = 0;
      for (std::size_t i = 0; i < packing.slots.size(); ++i) {
        if (packing.depth[i] > 0) std::memset(state + packing.history[i], 0, sizeof(std::uint64_t));
      }
      node.parameters.form->start(one.params, state + one.state);
      reset_time(one, state) = now;
      continue;
    }
    for (std::size_t i = 0; i < packing.slots.size(); ++i) {
      operands_[i] = remember(packing, i, at_[packing.slots[i]] + j, state);
    }
    const Nanos first = reset_time(one, state) == no_time ? first_[one.scope] : reset_time(one, state);
    one.run(one.params, state + one.state,
            {.rows = 1, .in = operands_.data(), .out = out.data(), .count = count++, .clock = &now, .first = first});
  }
}

void BlockRunner::reset_by_row(const Step& one, std::byte* state) {
  const Node& node = program_.plan->nodes[one.node];
  const std::size_t outputs = node.kernel->outputs.size();
  const std::uint8_t* seen = watched_[one.group].seen.data();
  const Times times = times_of(one);
  const std::size_t count = bases_[one.base].count;
  std::size_t start = 0;
  while (start < count) {
    const std::size_t end = static_cast<std::size_t>(std::find(seen + start, seen + count, observed_null) - seen);
    point_at_operands(one);
    std::array<double*, largest_outputs> out;
    for (std::size_t i = 0; i < one.inputs; ++i) operands_[i] += start;
    for (std::size_t k = 0; k < outputs; ++k) out[k] = at_[one.out + k] + start;
    const Nanos first = reset_time(one, state) == no_time ? first_[one.scope] : reset_time(one, state);
    call(one,
         {.rows = end - start,
          .in = operands_.data(),
          .out = out.data(),
          .clock = times.clock + start,
          .first = first,
          .seen = seen + start,
          .event = times.event + start,
          .received = times.received + start},
         state + one.state);
    if (end == count) return;
    for (std::size_t k = 0; k < outputs; ++k) at_[one.out + k][end] = no_value;
    node.parameters.form->start(one.params, state + one.state);
    reset_time(one, state) = times.clock[end];
    start = end + 1;
  }
}

}  // namespace millrace
