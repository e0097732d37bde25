#pragma once

#include <bit>
#include <cstdint>

#include "millrace/kernels/kernel.h"

namespace millrace {

/// Spreads close numbers over 64 bits, one to one (Steele, Lea, Flood 2014: SplitMix64).
inline std::uint64_t mix_bits(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

/// The last `capacity` different numbers of a series: a ring of them in order of entry, and a table of places in the
/// ring, at most half full, in which a search ends at the first empty slot. Both lie in the kernel's tail; 4096 numbers
/// are 64 KiB.
struct RecentIds {
  std::uint64_t entered = 0;  // different numbers so far

  static constexpr std::uint64_t slots(std::int64_t capacity) noexcept {
    return std::bit_ceil(2 * static_cast<std::uint64_t>(capacity));
  }
  static constexpr std::size_t doubles(std::int64_t capacity) noexcept {
    return static_cast<std::size_t>(capacity) + slots(capacity) / 2;
  }

  /// Whether `id` is among them. If not it enters, and the oldest leaves where they are too many.
  bool meets(std::uint64_t id, std::int64_t capacity, Tail tail) noexcept {
    const auto most = static_cast<std::uint64_t>(capacity);
    const Places places{reinterpret_cast<std::uint64_t*>(tail), reinterpret_cast<std::uint32_t*>(tail + capacity),
                        slots(capacity) - 1};
    if (places.table[places.find(id)] != 0) return true;
    const std::uint64_t place = entered % most;
    if (entered >= most) places.remove(places.find(places.ids[place]));
    places.ids[place] = id;
    places.table[places.find(id)] = static_cast<std::uint32_t>(place + 1);
    ++entered;
    return false;
  }

 private:
  struct Places {
    std::uint64_t* ids;
    std::uint32_t* table;  // place in `ids` and 1; 0 = empty
    std::uint64_t mask;

    /// The slot of `id`, or the empty one where it belongs.
    std::uint64_t find(std::uint64_t id) const noexcept {
      std::uint64_t slot = mix_bits(id) & mask;
      while (table[slot] != 0 && ids[table[slot] - 1] != id) slot = (slot + 1) & mask;
      return slot;
    }
    /// Empties the slot and moves up what was found past it only.
    void remove(std::uint64_t hole) const noexcept {
      for (std::uint64_t next = (hole + 1) & mask; table[next] != 0; next = (next + 1) & mask) {
        const std::uint64_t home = mix_bits(ids[table[next] - 1]) & mask;
        if (((next - home) & mask) < ((next - hole) & mask)) continue;  // its home lies behind the hole
        table[hole] = table[next];
        hole = next;
      }
      table[hole] = 0;
    }
  };
};

}  // namespace millrace
