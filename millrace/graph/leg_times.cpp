#include <algorithm>

#include "millrace/graph/block.h"

namespace millrace {

/// Clocks of a plan over several instruments: of each leg its greatest ts_event, of several the greatest of theirs. The
/// first row of several is the latest of their first rows; what happened before is history that not all of them have.
void BlockRunner::tell_times_of_legs(const Chunk& chunk, const LegSet* legs, std::byte* state) {
  auto* clocks = reinterpret_cast<InstrumentClock*>(state);
  const std::size_t leg_count = program_.plan->legs.size();
  std::array<Nanos, most_legs> now{};
  for (std::size_t leg = 0; leg < leg_count; ++leg) now[leg] = clocks[leg].now;
  for (std::size_t i = 0; i < count_; ++i) {
    const Nanos event = chunk.ts_event[rows_[i]];
    for (std::size_t leg = 0; leg < leg_count; ++leg) {
      if ((legs[i] >> leg & 1U) == 0) continue;
      if (clocks[leg].rows++ == 0) clocks[leg].first = event;
      now[leg] = std::max(now[leg], event);
    }
    for (std::size_t scope = 0; scope < program_.scopes.size(); ++scope) {
      Nanos greatest = no_time;
      for (std::size_t leg = 0; leg < leg_count; ++leg) {
        if ((program_.scopes[scope] >> leg & 1U) != 0) greatest = std::max(greatest, now[leg]);
      }
      clock_[scope][i] = greatest;
    }
  }
  for (std::size_t leg = 0; leg < leg_count; ++leg) clocks[leg].now = now[leg];
  for (std::size_t scope = 0; scope < program_.scopes.size(); ++scope) {
    Nanos latest = no_time;
    for (std::size_t leg = 0; leg < leg_count; ++leg) {
      if ((program_.scopes[scope] >> leg & 1U) == 0) continue;
      latest = std::max(latest, clocks[leg].rows == 0 ? not_begun : clocks[leg].first);
    }
    first_[scope] = latest;
  }
}

}  // namespace millrace
