#include <algorithm>
#include <bit>

#include "millrace/graph/block.h"

// Bases whose rows are known only once a kernel has closed its bars. A row may close several, so such a base may be
// longer than the block.

namespace millrace {

void BlockRunner::closing(const Step& one, std::byte* state) {
  point_at_operands(one);
  const std::uint32_t event =
      static_cast<std::uint32_t>(std::countr_zero(program_.plan->nodes[one.node].observed.events));
  Emissions& emissions = emissions_[event];
  emissions.clear();
  const Times times = times_of(one);
  const Base& base = bases_[one.base];
  // One call, whatever the number of rows: such kernels keep nothing on their stack, and number the bars' rows.
  one.run(one.params, state + one.state,
          {.rows = base.count,
           .in = operands_.data(),
           .clock = times.clock,
           .first = first_[one.scope],
           .seen = watched_[one.group].seen.data(),
           .event = times.event,
           .received = times.received,
           .emissions = &emissions});
  if (!base.is_full) emissions.renumber(base.row);  // a row of the base stands for a row of the block
  for (std::size_t i = 0; i < emissions.outputs(); ++i) at_[one.out + i] = emissions.column(i);
}

/// A row stands in the base as often as it closes bars (the most of any of the kernels), at least once where its kind
/// is in the set.
void BlockRunner::mark(std::uint32_t number) {
  Base& base = bases_[number];
  const Rows rows = program_.bases[number];
  std::size_t bars = 0;
  for (std::uint32_t events = rows.events; events != 0; events &= events - 1) {
    bars += emissions_[static_cast<std::size_t>(std::countr_zero(events))].rows().size();
  }
  if (bars == 0 && rows.kinds == 0) {
    base.count = 0;
    base.is_full = false;
    std::fill_n(base.latest.begin(), count_, -1);
    return;
  }
  std::array<std::uint16_t, block_rows> often{};
  std::size_t found = 0;
  std::array<std::size_t, most_bar_kernels> next{};
  for (std::size_t i = 0; i < count_; ++i) {
    std::size_t most = 0;
    for (std::uint32_t events = rows.events; events != 0; events &= events - 1) {
      const auto event = static_cast<std::size_t>(std::countr_zero(events));
      const std::vector<std::uint32_t>& closed = emissions_[event].rows();
      const std::size_t from = next[event];
      while (next[event] < closed.size() && closed[next[event]] == i) ++next[event];
      most = std::max(most, next[event] - from);
    }
    often[i] = static_cast<std::uint16_t>(std::min<std::size_t>(most, UINT16_MAX));
    found += std::max<std::size_t>(most, (rows.kinds & kinds_[i]) != 0 ? 1 : 0);
    base.latest[i] = static_cast<std::int32_t>(found) - 1;
  }
  base.count = found;
  base.is_full = false;
  if (found > room_[number]) widen(number);
  base.row.resize(std::max(base.row.size(), found));
  base.closes.resize(base.row.size());
  std::size_t at = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    for (; static_cast<std::int64_t>(at) <= base.latest[i]; ++at) {
      base.row[at] = static_cast<std::uint16_t>(i);
      base.closes[at] = often[i] > 0 ? 1 : 0;
    }
  }
  if (program_.timed[number] != no_scope) give_times(number);
}

void BlockRunner::closes(const Step& one) {
  const Base &bars = bases_[one.group], &to = bases_[one.base];
  double* out = at_[one.out];
  for (std::size_t j = 0; j < to.count; ++j) {
    const std::size_t row = to.is_full ? j : to.row[j];
    const std::int32_t before = row == 0 ? -1 : bars.latest[row - 1];
    out[j] = bars.latest[row] > before ? 1.0 : 0.0;
  }
}

/// The times of a base's rows, by the clock of the legs whose rows they are.
void BlockRunner::give_times(std::uint32_t number) {
  Base& base = bases_[number];
  const auto& clock = clock_[program_.timed[number]];
  base.clock.resize(base.row.size());
  base.event.resize(base.row.size());
  base.received.resize(base.row.size());
  for (std::size_t j = 0; j < base.count; ++j) {
    base.clock[j] = clock[base.row[j]];
    base.event[j] = event_[base.row[j]];
    base.received[j] = received_[base.row[j]];
  }
}

/// Makes room for more observations than a block has rows, in all that lies on the base.
void BlockRunner::widen(std::uint32_t number) {
  const std::size_t room = std::bit_ceil(bases_[number].count);
  room_[number] = room;
  const auto& base_of = program_.base_of_slot;
  const auto slots = static_cast<std::size_t>(std::count(base_of.begin(), base_of.end(), number));
  wide_[number].assign(slots * (slot_lead + room), no_value);
  double* next = wide_[number].data() + slot_lead;
  for (std::size_t slot = 0; slot < base_of.size(); ++slot) {
    if (base_of[slot] != number) continue;
    const bool is_emitted = at_[slot] != own_[slot];  // lies with its kernel's bars, which make room themselves
    own_[slot] = next;
    if (!is_emitted) at_[slot] = next;
    next += slot_lead + room;
  }
  for (const auto& [slot, value] : program_.constants) {
    if (base_of[slot] == number) std::fill_n(own_[slot], room, value);
  }
  for (std::size_t i = 0; i < packed_.size(); ++i) {
    if (program_.packings[i].base != number) continue;
    make_room(program_.packings[i], packed_[i], room);
  }
  if (room <= spare_rows_) return;
  spare_rows_ = room;
  spare_.resize(largest_outputs * room);
}

/// The k-th bar of a row in one base goes to the k-th in the other; where that has more of them the last one repeats.
void BlockRunner::transfer(const Step& one, std::byte* state) {
  auto* last = reinterpret_cast<double*>(state + one.state);
  const Base &from = bases_[one.group], &to = bases_[one.base];
  double* in = at_[program_.operands[one.first]];
  double* out = at_[one.out];
  in[-1] = *last;
  std::int64_t at = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const std::int64_t before = i == 0 ? -1 : from.latest[i - 1];
    for (std::int64_t k = before + 1; at <= to.latest[i]; ++at, ++k) {
      out[at] = in[std::min<std::int64_t>(k, from.latest[i])];
    }
  }
  if (from.count > 0) *last = in[from.count - 1];
}

}  // namespace millrace
