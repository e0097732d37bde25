#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "millrace/base/time.h"

namespace millrace {

/// Side of time on which the right row of a left row is looked for.
enum class Direction : std::uint8_t {
  backward,  // at or before it: nothing of the future is used
  forward,   // at or after it
  nearest,   // whichever is closer; equally close: backward
};

inline constexpr std::uint64_t no_tolerance = std::numeric_limits<std::uint64_t>::max();

/// Which right row a left row gets (Polars' and pandas' names: strategy, allow_exact_matches, tolerance).
struct AsofRule {
  Direction direction = Direction::backward;
  bool is_strict = false;                      // equal times are no candidates
  std::uint64_t tolerance_ns = 1'000'000'000;  // greatest distance, inclusive; the choice is made before the test

  bool operator==(const AsofRule&) const = default;
};

/// A key as a dense number, made outside.
using KeyNumber = std::uint32_t;
inline constexpr KeyNumber no_key = std::numeric_limits<KeyNumber>::max();  // null: never matches

inline constexpr std::int64_t no_seq = std::numeric_limits<std::int64_t>::min();  // null: before all others
inline constexpr std::int64_t no_row = -1;                                        // of the right side: no match

/// The columns of one side that a join looks at. `no_time` is a null time and never matches.
struct AsofRows {
  std::span<const Nanos> times;
  std::span<const KeyNumber> keys;       // empty: all rows share key 0
  std::span<const std::int64_t> seqs{};  // of the right side, orders equal times; empty: as they come

  std::size_t size() const { return times.size(); }
  KeyNumber key(std::size_t i) const { return keys.empty() ? 0 : keys[i]; }
  std::int64_t seq(std::size_t i) const { return seqs.empty() ? no_seq : seqs[i]; }
};

/// How far apart two times are; never overflows.
constexpr std::uint64_t distance_ns(Nanos a, Nanos b) noexcept {
  const auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
  return a < b ? y - x : x - y;
}

/// `time` moved by `length`, held at the ends of the range; `no_time` stays free for "no value".
constexpr Nanos later(Nanos time, std::uint64_t length) noexcept {
  constexpr Nanos last = std::numeric_limits<Nanos>::max();
  return length > distance_ns(time, last) ? last : static_cast<Nanos>(static_cast<std::uint64_t>(time) + length);
}
constexpr Nanos earlier(Nanos time, std::uint64_t length) noexcept {
  constexpr Nanos first = no_time + 1;
  if (time <= first) return first;
  return length > distance_ns(time, first) ? first : static_cast<Nanos>(static_cast<std::uint64_t>(time) - length);
}

/// The latest right time that left rows up to `time` may need; without a tolerance, what lies ahead has no end.
constexpr Nanos latest_needed(const AsofRule& rule, Nanos time) noexcept {
  return rule.direction == Direction::backward ? time : later(time, rule.tolerance_ns);
}

constexpr std::optional<Direction> parse_direction(std::string_view word) noexcept {
  if (word == "backward") return Direction::backward;
  if (word == "forward") return Direction::forward;
  if (word == "nearest") return Direction::nearest;
  return std::nullopt;
}

}  // namespace millrace
