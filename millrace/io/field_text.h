#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "millrace/base/time.h"
#include "millrace/market/tick.h"

namespace millrace {

inline constexpr std::array<std::string_view, kind_count> kind_names{"quote",   "trade", "ticker",
                                                                     "funding", "bar",   "gap"};

inline constexpr std::uint8_t unknown_kind = UINT8_MAX;  // no Kind: the door counts and drops the row

/// Reads a number of a row: NaN where the text is empty; +inf where it is no finite number, so that the door counts it.
double read_number(std::string_view text);

/// Reads "trade" or "1" as the number of a Kind; `unknown_kind` where it is none.
std::uint8_t read_kind(std::string_view text);

/// Reads "buy", "sell", "+1", "1", "-1", "0"; nothing where it is none of them.
std::optional<std::int8_t> read_side(std::string_view text);

/// Reads RFC 3339, or an integer in units of `unit` (0 = integers are no times here).
std::optional<Nanos> read_time(std::string_view text, Nanos unit);

/// `count * unit` where that fits into Nanos.
std::optional<Nanos> scaled_time(std::int64_t count, Nanos unit);

}  // namespace millrace
