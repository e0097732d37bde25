#pragma once

#include <bit>

#include "millrace/kernels/kernel.h"

namespace millrace {

/// The newest quotes of one venue by their own times, in a ring in memory of the caller. Of equal times the last to
/// come counts. A late quote moves those that are newer than it.
class RecentQuotes {
 public:
  struct Quote {
    Nanos time = no_time;
    double bid = no_value, ask = no_value;
  };
  static constexpr std::size_t head = 2, size = 3;  // doubles before the ring, and of a quote

  static std::size_t memory(std::int64_t kept) { return head + size * static_cast<std::size_t>(kept); }
  RecentQuotes(double* memory, std::int64_t kept) noexcept : memory_(memory), kept_(kept) {}

  void insert(const Quote& quote) noexcept {
    std::int64_t place = count();
    while (place > 0 && at(place - 1).time > quote.time) --place;
    if (count() == kept_) {
      if (place == 0) return;  // older than all that is kept
      set_first((first() + 1) % kept_);
      --place;
    } else {
      set_count(count() + 1);
    }
    for (std::int64_t i = count() - 1; i > place; --i) put(i, at(i - 1));
    put(place, quote);
  }

  /// The newest one at or before `time`; without a time where there is none.
  Quote as_of(Nanos time) const noexcept {
    std::int64_t low = 0, high = count();
    while (low < high) {
      const std::int64_t middle = (low + high) / 2;
      if (at(middle).time <= time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == 0 ? Quote{} : at(low - 1);
  }

 private:
  std::int64_t first() const noexcept { return std::bit_cast<std::int64_t>(memory_[0]); }
  std::int64_t count() const noexcept { return std::bit_cast<std::int64_t>(memory_[1]); }
  void set_first(std::int64_t first) noexcept { memory_[0] = std::bit_cast<double>(first); }
  void set_count(std::int64_t count) noexcept { memory_[1] = std::bit_cast<double>(count); }
  double* place_of(std::int64_t i) const noexcept {
    return memory_ + head + size * static_cast<std::size_t>((first() + i) % kept_);
  }
  Quote at(std::int64_t i) const noexcept {
    const double* place = place_of(i);
    return {std::bit_cast<Nanos>(place[0]), place[1], place[2]};
  }
  void put(std::int64_t i, const Quote& quote) noexcept {
    double* place = place_of(i);
    place[0] = std::bit_cast<double>(quote.time);
    place[1] = quote.bid;
    place[2] = quote.ask;
  }

  double* memory_;
  std::int64_t kept_;
};

}  // namespace millrace
