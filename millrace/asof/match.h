#pragma once

#include <cstddef>
#include <span>

#include "millrace/asof/rule.h"

namespace millrace {

// The merge kernel. Every entry comes down to this: the times of one key's right rows, sorted, a cursor into them that
// remembers the last answer, and a left time. An ordered left side moves the cursor on row by row, a jump gallops.

/// How many times lie before `time` (`counts_equal`: or at it). `cursor` is a former answer, or anything.
template <bool counts_equal>
inline std::size_t advance(std::span<const Nanos> times, std::size_t cursor, Nanos time) noexcept {
  const Nanos* const data = times.data();
  const std::size_t size = times.size();
  const auto is_passed = [&](std::size_t i) { return counts_equal ? data[i] <= time : data[i] < time; };
  cursor = cursor < size ? cursor : size;
  std::size_t low = 0, high = size;
  if (cursor == 0 || is_passed(cursor - 1)) {
    // Counting all of the next few does not depend on how many are passed, which no branch predictor guesses.
    constexpr std::size_t steps = 4;
    for (int round = 0; round < 2 && cursor + steps <= size; ++round) {
      std::size_t passed = 0;
      for (std::size_t i = 0; i < steps; ++i) passed += static_cast<std::size_t>(is_passed(cursor + i));
      cursor += passed;
      if (passed < steps) return cursor;
    }
    low = cursor;
    for (std::size_t step = 1; low + step < size; step *= 2) {
      if (!is_passed(low + step)) {
        high = low + step;
        break;
      }
      low += step;
    }
  } else {
    high = cursor - 1;
    for (std::size_t step = 1; step <= high; step *= 2) {
      if (is_passed(high - step)) {
        low = high - step;
        break;
      }
      high -= step;
    }
  }
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (is_passed(middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/// Where the two candidates stand: the rows before `back` lie on the backward side, the best is the last of them;
/// `ahead` is the first on the forward side. A side that the direction does not ask for is empty.
struct Candidates {
  std::size_t back, ahead;
};

template <Direction direction, bool is_strict>
inline Candidates find_candidates(std::span<const Nanos> times, std::size_t& cursor, Nanos time) noexcept {
  if constexpr (direction == Direction::forward) {
    cursor = advance<is_strict>(times, cursor, time);
    return {0, cursor};
  }
  cursor = advance<!is_strict>(times, cursor, time);
  if constexpr (direction == Direction::backward) return {cursor, times.size()};
  return {cursor, is_strict ? advance<true>(times, cursor, time) : cursor};
}

/// Whether the forward candidate is chosen where there are both.
inline bool is_ahead_nearer(Nanos back, Nanos time, Nanos ahead) noexcept {
  return distance_ns(time, ahead) < distance_ns(time, back);
}

/// The place of the chosen row in `times`, or times.size().
template <Direction direction, bool is_strict>
inline std::size_t match_one(std::span<const Nanos> times, std::size_t& cursor, Nanos time,
                             std::uint64_t tolerance) noexcept {
  const auto [back, ahead] = find_candidates<direction, is_strict>(times, cursor, time);
  std::size_t place = ahead;
  if (back > 0 && (ahead == times.size() || !is_ahead_nearer(times[back - 1], time, times[ahead]))) place = back - 1;
  if (place == times.size() || distance_ns(time, times[place]) > tolerance) return times.size();
  return place;
}

/// Calls `work.operator()<direction, is_strict>()`: the one place where the rule becomes types.
template <class Work>
auto with_rule(const AsofRule& rule, Work&& work) {
  using enum Direction;
  if (rule.direction == backward) {
    return rule.is_strict ? work.template operator()<backward, true>() : work.template operator()<backward, false>();
  }
  if (rule.direction == forward) {
    return rule.is_strict ? work.template operator()<forward, true>() : work.template operator()<forward, false>();
  }
  return rule.is_strict ? work.template operator()<nearest, true>() : work.template operator()<nearest, false>();
}

}  // namespace millrace
