#pragma once

#include <algorithm>

#include "millrace/kernels/kernel.h"

namespace millrace {

/// Trades that wait for a horizon to pass, gathered by its fiftieths on the epoch grid: the trades of bucket j mature
/// on the first row past bucket j + 50. `Bucket` is doubles only, all 0 while it is empty; a ring of them is in the
/// kernel's tail.
struct Maturing {
  std::int64_t newest = -1;  // index of the open bucket; -1 = none yet

  static constexpr std::int64_t parts = 50, slots = parts + 1;

  template <class Bucket>
  static Bucket* ring(Tail tail) noexcept {
    static_assert(alignof(Bucket) == 8 && sizeof(Bucket) % 8 == 0);
    return reinterpret_cast<Bucket*>(tail);
  }
  /// Goes to the bucket of `clock`, hands what matures to `mature`, oldest first, and empties it.
  template <class Bucket, class Mature>
  void advance(Bucket* ring, Nanos clock, Nanos horizon, Mature&& mature) noexcept {
    const Nanos width = horizon / parts;
    const std::int64_t now = clock / width - (clock % width < 0 ? 1 : 0);
    if (newest >= 0) {
      const std::int64_t last = std::min(newest, now - slots);
      for (std::int64_t j = std::max<std::int64_t>(newest - parts, 0); j <= last; ++j) {
        mature(ring[j % slots]);
        ring[j % slots] = Bucket{};
      }
    }
    newest = now;
  }
  template <class Bucket>
  Bucket& open(Bucket* ring) const noexcept {
    return ring[newest % slots];
  }
};

}  // namespace millrace
