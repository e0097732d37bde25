#pragma once

#include <bit>
#include <compare>
#include <cstdint>
#include <string>

#include "millrace/market/tick.h"

namespace millrace {

inline constexpr std::size_t most_legs = 8;          // instruments whose rows one plan may read
inline constexpr std::size_t most_bar_kernels = 32;  // of one plan
inline constexpr std::size_t kinds_of_a_leg = 8;     // bits of `Rows::kinds` for each leg

/// Legs of a plan, one bit each.
using LegSet = std::uint8_t;

/// A set of rows: those of some kinds on some legs, and those on which some bar kernels close bars. Where a row closes
/// several bars it stands in the set as often.
struct Rows {
  std::uint64_t kinds = 0;   // eight bits a leg
  std::uint32_t events = 0;  // a bit for each bar kernel of the plan

  static constexpr Rows of(KindSet kinds, std::size_t leg = 0) {
    return {static_cast<std::uint64_t>(kinds) << (kinds_of_a_leg * leg), 0};
  }
  static constexpr Rows of_event(std::size_t number) { return {0, 1U << number}; }

  bool is_empty() const { return kinds == 0 && events == 0; }
  /// How many bar kernels take part.
  int bar_kernels() const { return std::popcount(events); }

  constexpr Rows operator|(Rows other) const { return {kinds | other.kinds, events | other.events}; }
  constexpr auto operator<=>(const Rows&) const = default;
};

inline constexpr Rows every_row = Rows::of(every_kind);  // of a plan with one leg

/// Every row of the legs in a set of bits.
constexpr Rows every_row_of(LegSet legs) {
  Rows rows;
  for (std::size_t leg = 0; leg < most_legs; ++leg) {
    if ((legs >> leg & 1U) != 0) rows = rows | Rows::of(every_kind, leg);
  }
  return rows;
}
inline constexpr Rows trade_rows = Rows::of(trade_kinds);

/// In a node's identity: "47", or "47+e3" with bars.
std::string text_of(Rows rows);

}  // namespace millrace
