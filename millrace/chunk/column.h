#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "millrace/market/tick.h"

namespace millrace {

/// The columns of the canonical tick row (`venue` and `symbol` apart: a chunk holds the instrument's number).
enum class Column : std::uint8_t {
  ts_event,
  ts_recv,
  seq,
  kind,
  price,
  size,
  side,
  trade_id,
  bid,
  bid_size,
  ask,
  ask_size,
  vol_24h,
  quote_vol_24h,
  open_24h,
  high_24h,
  low_24h,
  vwap_24h,
  pct_chg_24h,
  n_trades_24h,
  funding_rate,
  next_funding_ns,
  funding_interval_s,
  mark_price,
  index_price,
  open_interest,
  flags,
};
inline constexpr std::size_t column_count = 27;

enum class ColumnType : std::uint8_t { time, u64, u32, u8, i64, i8, f64 };

/// Who knows a value after the row: `row` belongs to its own row alone, the others are carried forward.
enum class Carry : std::uint8_t { row, trade, quote, stats };

/// What makes a number no observation: the door turns it into null and counts it.
enum class Valid : std::uint8_t { any, positive, not_negative };

struct ColumnInfo {
  std::string_view name;
  ColumnType type;
  Carry carry;
  Valid valid;
  KindSet observed;  // rows on which the value is an observation
  std::string_view unit;
};

inline constexpr std::array<ColumnInfo, column_count> column_table{{
    {"ts_event", ColumnType::time, Carry::row, Valid::any, every_kind, "ns"},
    {"ts_recv", ColumnType::time, Carry::row, Valid::any, every_kind, "ns"},
    {"seq", ColumnType::u64, Carry::row, Valid::any, every_kind, ""},
    {"kind", ColumnType::u8, Carry::row, Valid::any, every_kind, ""},
    {"price", ColumnType::f64, Carry::trade, Valid::positive, trade_kinds, "quote per base"},
    {"size", ColumnType::f64, Carry::row, Valid::not_negative, trade_kinds, "base"},
    {"side", ColumnType::i8, Carry::row, Valid::any, trade_kinds, "+1 buy, -1 sell"},
    {"trade_id", ColumnType::u64, Carry::row, Valid::any, trade_kinds, ""},
    {"bid", ColumnType::f64, Carry::quote, Valid::positive, quote_kinds, "quote per base"},
    {"bid_size", ColumnType::f64, Carry::quote, Valid::not_negative, quote_kinds, "base"},
    {"ask", ColumnType::f64, Carry::quote, Valid::positive, quote_kinds, "quote per base"},
    {"ask_size", ColumnType::f64, Carry::quote, Valid::not_negative, quote_kinds, "base"},
    {"vol_24h", ColumnType::f64, Carry::stats, Valid::not_negative, every_kind, "base"},
    {"quote_vol_24h", ColumnType::f64, Carry::stats, Valid::not_negative, every_kind, "quote"},
    {"open_24h", ColumnType::f64, Carry::stats, Valid::positive, every_kind, "quote per base"},
    {"high_24h", ColumnType::f64, Carry::stats, Valid::positive, every_kind, "quote per base"},
    {"low_24h", ColumnType::f64, Carry::stats, Valid::positive, every_kind, "quote per base"},
    {"vwap_24h", ColumnType::f64, Carry::stats, Valid::positive, every_kind, "quote per base"},
    {"pct_chg_24h", ColumnType::f64, Carry::stats, Valid::any, every_kind, "percent"},
    {"n_trades_24h", ColumnType::i64, Carry::stats, Valid::any, every_kind, "1"},
    {"funding_rate", ColumnType::f64, Carry::stats, Valid::any, every_kind, "fraction per interval"},
    {"next_funding_ns", ColumnType::time, Carry::stats, Valid::any, every_kind, "ns"},
    {"funding_interval_s", ColumnType::f64, Carry::stats, Valid::not_negative, every_kind, "s"},
    {"mark_price", ColumnType::f64, Carry::stats, Valid::positive, every_kind, "quote per base"},
    {"index_price", ColumnType::f64, Carry::stats, Valid::positive, every_kind, "quote per base"},
    {"open_interest", ColumnType::f64, Carry::stats, Valid::not_negative, every_kind, "base"},
    {"flags", ColumnType::u32, Carry::row, Valid::any, every_kind, "bits"},
}};

constexpr const ColumnInfo& info(Column column) { return column_table[static_cast<std::size_t>(column)]; }

/// Columns as a set, one bit each.
class ColumnSet {
 public:
  constexpr ColumnSet() = default;
  constexpr ColumnSet(std::initializer_list<Column> columns) {
    for (const Column column : columns) add(column);
  }
  static constexpr ColumnSet all() {
    ColumnSet set;
    set.bits_ = (1U << column_count) - 1;
    return set;
  }
  constexpr void add(Column column) { bits_ |= 1U << static_cast<unsigned>(column); }
  constexpr bool has(Column column) const { return (bits_ >> static_cast<unsigned>(column) & 1U) != 0; }
  constexpr ColumnSet operator|(ColumnSet other) const {
    ColumnSet both;
    both.bits_ = bits_ | other.bits_;
    return both;
  }
  constexpr bool operator==(const ColumnSet&) const = default;

 private:
  std::uint32_t bits_ = 0;
};

/// What the engine itself reads of every row, whatever features are asked for.
inline constexpr ColumnSet core_columns{Column::ts_event, Column::ts_recv, Column::seq,
                                        Column::kind,     Column::price,   Column::flags};

/// The column of a name, or of one of the predecessor's names ("best_bid", "last_size", "volume_24_h").
std::optional<Column> find_column(std::string_view name);

}  // namespace millrace
