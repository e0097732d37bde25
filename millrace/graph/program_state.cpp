#include <algorithm>
#include <cstring>

#include "millrace/graph/program.h"

namespace millrace {

void start_state(const Program& program, std::byte* block) {
  std::memset(block, 0, program.state_bytes);
  const InstrumentClock clock;
  for (std::size_t leg = 0; leg < program.plan->legs.size(); ++leg) {
    std::memcpy(block + leg * sizeof clock, &clock, sizeof clock);
  }
  for (const Region& region : program.regions) {
    std::byte* at = block + region.offset;
    if (region.type == Region::Type::last_value) {
      std::memcpy(at, &no_value, sizeof no_value);
    } else if (region.type == Region::Type::kernel) {
      const Node& node = program.plan->nodes[region.number];
      if (node.is_reset_by_null) {
        std::memcpy(at, &no_time, sizeof no_time);
        at += sizeof no_time;
      }
      node.parameters.form->start(node.parameters.data(), at);
    }
  }
}

void settle_state(const Program& program, std::byte* block) {
  for (const Packing& packing : program.packings) {
    for (std::size_t i = 0; i < packing.depth.size(); ++i) {
      if (packing.depth[i] == 0) continue;
      auto* filled = reinterpret_cast<std::uint64_t*>(block + packing.history[i]);
      auto* values = reinterpret_cast<double*>(filled + 1);
      const std::size_t kept = std::min<std::size_t>(*filled, packing.depth[i]);
      std::memmove(values, values + (*filled - kept), kept * sizeof(double));
      std::memset(values + kept, 0, (packing.depth[i] + history_slack - kept) * sizeof(double));
      *filled = kept;
    }
  }
}

}  // namespace millrace
