#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace millrace {

/// What a row brings; everything else in it is carried forward. Values are those of the files.
enum class Kind : std::uint8_t { quote = 0, trade = 1, ticker = 2, funding = 3, bar = 4, gap = 5 };
inline constexpr std::size_t kind_count = 6;

/// Kinds as a set, one bit each: on which rows something is observed.
using KindSet = std::uint8_t;
constexpr KindSet only(Kind kind) { return static_cast<KindSet>(1U << static_cast<unsigned>(kind)); }
constexpr KindSet operator|(Kind a, Kind b) { return static_cast<KindSet>(only(a) | only(b)); }
inline constexpr KindSet trade_kinds = Kind::trade | Kind::ticker;
inline constexpr KindSet quote_kinds = Kind::quote | Kind::ticker;
inline constexpr KindSet funding_kinds = only(Kind::funding);
inline constexpr KindSet every_kind = (1U << kind_count) - 1;

/// The aggressor's side of a trade: who took the liquidity.
enum class Side : std::int8_t { sell = -1, unknown = 0, buy = 1 };

/// Bits of the column `flags`: what was noticed about a row. They inform; no kernel reads them, and of the trading
/// floors only who may not decide within a bar.
enum Flag : std::uint32_t {
  flag_snapshot = 1U << 0,
  flag_gap_before = 1U << 1,
  flag_late = 1U << 2,  // ts_event below an earlier one of the instrument
  flag_locked = 1U << 3,
  flag_crossed = 1U << 4,
  flag_one_sided = 1U << 5,
  flag_envelope_time = 1U << 6,
  flag_receive_time = 1U << 7,
  flag_backfilled = 1U << 8,
  flag_duplicate = 1U << 9,
  flag_within_bar = 1U << 10,  // an extreme of a bar: nobody knew it before the bar's end
};

/// "No value" of a double column. Files hold null instead.
inline constexpr double no_value = std::numeric_limits<double>::quiet_NaN();

inline bool has_value(double x) noexcept { return std::isfinite(x); }

}  // namespace millrace
