#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace {

/// Nanoseconds since 1970-01-01 00:00 UTC, or a difference of two such times.
using Nanos = std::int64_t;

inline constexpr Nanos no_time = INT64_MIN;  // "no value" of a time column

/// Rows have times of 1970 or later, so that differences of two of them always fit.
inline constexpr bool is_row_time(Nanos time) noexcept { return time >= 0; }

inline constexpr Nanos one_second = 1'000'000'000;
inline constexpr Nanos one_day = 86'400 * one_second;

/// Reads RFC 3339 ("2026-11-22T10:00:00.123456789Z", offset or Z, 0–9 fraction digits, `T` or a space) or a bare date
/// (midnight UTC). Times before 1678 or after 2262 do not fit and are refused.
std::optional<Nanos> parse_time(std::string_view text);

/// Prints "2026-11-22T10:00:00.123456789Z"; the fraction is left out when it is zero.
std::string format_time(Nanos time);

/// Reads a positive length of time such as "500ms", "10s", "5m", "1h", "1d"; a fraction ("1.5s") must give whole
/// nanoseconds.
std::optional<Nanos> parse_duration(std::string_view text);

/// Prints the shortest exact form that `parse_duration` reads, for example "90s" or "1h".
std::string format_duration(Nanos length);

}  // namespace millrace
