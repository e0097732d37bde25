#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>

#include "millrace/asof/rule.h"

namespace millrace {

/// What order=log keeps of one key: the newest right row and the 16 before it, by (time, seq) whatever their arrival.
/// Fixed size and without pointers, so that a graph can hold it in an instrument's block; the rows' other columns
/// stand in 17 slots beside it.
struct LogRing {
  static constexpr std::size_t room = 17;

  std::array<Nanos, room> times{};  // by slot
  std::array<std::int64_t, room> seqs{};
  std::array<std::uint8_t, room> order{};  // slots, the oldest row first
  std::uint8_t count = 0;
  std::uint8_t has_discarded = 0;  // an older row is gone
  std::array<std::uint8_t, 5> unused{};

  /// The slot that the row has to be put into; `room` where it is older than all that are kept.
  std::size_t insert(Nanos time, std::int64_t seq) noexcept {
    std::size_t at = count;  // how many rows stand before it; an equal one came before
    while (at > 0 && std::tuple(times[order[at - 1]], seqs[order[at - 1]]) > std::tuple(time, seq)) --at;
    std::uint8_t slot = count;
    if (count < room) {
      for (std::size_t i = count; i > at; --i) order[i] = order[i - 1];
      ++count;
    } else {
      has_discarded = 1;
      if (at == 0) return room;
      slot = order[0];
      --at;
      for (std::size_t i = 0; i < at; ++i) order[i] = order[i + 1];
    }
    order[at] = slot;
    times[slot] = time;
    seqs[slot] = seq;
    return slot;
  }

  /// The slot of the last row at (with `is_strict`: before) `time`, or before it; `room` where there is none.
  std::size_t find(Nanos time, bool is_strict) const noexcept {
    for (std::size_t i = count; i > 0; --i) {
      const std::size_t slot = order[i - 1];
      if (is_strict ? times[slot] < time : times[slot] <= time) return slot;
    }
    return room;
  }

  /// Whether the bytes are a state that insertions can lead to, as far as `find` and `insert` rely on it.
  bool is_sound() const noexcept {
    std::uint32_t met = 0;
    if (count > room) return false;
    for (std::size_t i = 0; i < count; ++i) {
      if (order[i] >= count || (met & 1U << order[i]) != 0) return false;
      met |= 1U << order[i];
    }
    return true;
  }
};
static_assert(sizeof(LogRing) == 296);
static_assert(std::is_trivially_copyable_v<LogRing> && std::has_unique_object_representations_v<LogRing>);

}  // namespace millrace
