#include <algorithm>
#include <cmath>
#include <cstring>

#include "millrace/graph/block.h"

// Observations packed together for the kernels that look at them, with their histories.

namespace millrace {

namespace {

bool are_given(const double* values, std::size_t count, Needed needed) {
  if (needed == Needed::nothing) return true;
  bool all = true;
  if (needed == Needed::value) {
    for (std::size_t i = 0; i < count; ++i) all &= !std::isnan(values[i]);
  } else if (needed == Needed::integer) {
    for (std::size_t i = 0; i < count; ++i) all &= !Cell::is_null(values[i]);
  } else {
    for (std::size_t i = 0; i < count; ++i) all &= values[i] > 0.0;
  }
  return all;
}

void find_nulls(const double* values, std::size_t count, Needed needed, std::uint8_t* seen) {
  static_assert(observed + 1 == observed_null);
  const auto find = [&](auto is_null) {
    for (std::size_t i = 0; i < count; ++i) {
      seen[i] = static_cast<std::uint8_t>(seen[i] + ((seen[i] == observed) & is_null(values[i])));
    }
  };
  if (needed == Needed::value) {
    find([](double x) { return std::isnan(x); });
  } else {
    find([needed](double x) { return !is_given(x, needed); });
  }
}

}  // namespace

/// Working memory for `rows` observations of a packing, with their histories in front.
void BlockRunner::make_room(const Packing& packing, Packed& packed, std::size_t rows) {
  const std::size_t depth = packing.depth.empty() ? 0 : *std::max_element(packing.depth.begin(), packing.depth.end());
  packed.memory.resize(packing.slots.size() * rows);
  packed.wide.resize(packing.slots.size() * (depth + rows));
  packed.where.resize(rows);
  packed.clock.resize(rows);
}

void BlockRunner::pack(const Packing& packing, Packed& packed, std::byte* state) {
  const Base& base = bases_[packing.base];
  packed.is_whole = true;
  for (std::size_t i = 0; i < packing.slots.size() && packed.is_whole; ++i) {
    packed.is_whole = are_given(at_[packing.slots[i]], base.count, packing.needed[i]);
  }
  packed.rows = base.count;
  if (!packed.is_whole) {
    packed.rows = 0;
    for (std::size_t j = 0; j < base.count; ++j) {
      bool is_valid = true;
      for (std::size_t i = 0; i < packing.slots.size(); ++i) {
        is_valid &= is_given(at_[packing.slots[i]][j], packing.needed[i]);
      }
      packed.where[packed.rows] = static_cast<std::uint32_t>(j);
      packed.rows += is_valid ? 1 : 0;
    }
  }
  auto& count = *reinterpret_cast<std::uint64_t*>(state + packing.state);
  packed.count = count;
  count += packed.rows;
  for (std::size_t i = 0; i < packing.slots.size(); ++i) {
    packed.in[i] = place_behind(packing, i, at_[packing.slots[i]], packed, state);
  }
  if (!packing.needs_clock) return;
  for (std::size_t j = 0; j < packed.rows; ++j) {
    const std::size_t on_base = packed.is_whole ? j : packed.where[j];
    packed.clock[j] = clock_[packing.scope][base.is_full ? on_base : base.row[on_base]];
  }
}

/// Puts the block's observations of one input behind its history, or beside each other, and returns the first.
const double* BlockRunner::place_behind(const Packing& packing, std::size_t input, const double* in, Packed& packed,
                                        std::byte* state) {
  const std::size_t depth = packing.depth[input];
  if (depth == 0 && packed.is_whole) return in;
  const std::size_t room = room_[packing.base];
  double* out = packed.memory.data() + input * room;
  std::uint64_t* filled = nullptr;
  double* values = nullptr;
  if (depth > 0) {
    filled = reinterpret_cast<std::uint64_t*>(state + packing.history[input]);
    values = reinterpret_cast<double*>(filled + 1);
    std::size_t kept = *filled;
    if (kept + packed.rows > depth + history_slack) {
      kept = std::min(kept, depth);
      values += *filled - kept;
      if (packed.rows <= history_slack) {
        values = static_cast<double*>(std::memmove(values - (*filled - kept), values, kept * sizeof(double)));
      }
      *filled = kept;
    }
    out = values + kept;
    if (packed.rows > history_slack) {
      double* all = packed.wide.data() + input * (depth + room);
      std::memcpy(all, values, kept * sizeof(double));
      out = all + kept;
    }
  }
  if (packed.is_whole) {
    copy_values(in, packed.rows, out);
  } else {
    for (std::size_t j = 0; j < packed.rows; ++j) out[j] = in[packed.where[j]];
  }
  if (filled == nullptr) return out;
  *filled += packed.rows;
  if (packed.rows > history_slack) {
    const std::size_t kept = std::min<std::size_t>(*filled, depth);
    std::memcpy(filled + 1, out + packed.rows - kept, kept * sizeof(double));
    *filled = kept;
  }
  return out;
}

void BlockRunner::mark_seen(const Base& base, Rows rows, std::vector<std::uint8_t>& rows_seen) const {
  if (!base.is_full) rows_seen.resize(std::max(rows_seen.size(), base.count));
  std::uint8_t* seen = rows_seen.data();  // bytes may alias anything
  if (base.is_full) {
    const std::size_t count = count_;
    for (std::size_t i = 0; i < count; ++i) seen[i] = (rows.kinds & kinds_[i]) != 0 ? 1 : 0;
    return;
  }
  for (std::size_t i = 0; i < base.count; ++i) {
    const bool closes = rows.events != 0 && base.closes[i] != 0;
    seen[i] = closes || (rows.kinds & kinds_[base.row[i]]) != 0 ? 1 : 0;
  }
}

void BlockRunner::look(const Watch& watch, Watched& watched) const {
  const Base& base = bases_[watch.base];
  const auto mark_nulls = [&](std::vector<std::uint8_t>& seen, Slot slot, Needed needed) {
    if (!are_given(at_[slot], base.count, needed)) find_nulls(at_[slot], base.count, needed, seen.data());
  };
  mark_seen(base, watch.observed, watched.seen);
  for (const auto& [slot, needed] : watch.required) mark_nulls(watched.seen, slot, needed);
  for (std::size_t i = 0; i < watch.inputs.size(); ++i) {
    const Watch::Input& input = watch.inputs[i];
    mark_seen(base, input.observed, watched.fresh[i]);
    mark_nulls(watched.fresh[i], input.slot, input.needed);
    watched.pointers[i] = watched.fresh[i].data();
    watched.firsts[i] = first_[input.scope];
  }
}

}  // namespace millrace
