#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "millrace/base/aligned.h"
#include "millrace/base/time.h"
#include "millrace/chunk/column.h"
#include "millrace/chunk/ledger.h"
#include "millrace/market/instruments.h"

namespace millrace {

/// "No value" of the integer columns. Doubles use NaN (`no_value`), `side` 0, times `no_time`.
inline constexpr std::uint64_t no_u64 = UINT64_MAX;
inline constexpr std::int64_t no_i64 = INT64_MIN;

/// Rows between source and sink: enough for long runs of one instrument, small enough to stay in the last-level cache.
inline constexpr std::size_t default_chunk_rows = 64 * 1024;

/// Tick rows in typed, 64-byte aligned columns that Arrow can point at without a copy. A column outside `columns` is
/// empty. Order = order of arrival.
struct Chunk {
  std::size_t most_rows = default_chunk_rows;  // that a source puts in at once
  ColumnSet columns;
  AlignedVector<InstrumentId> instrument;
  AlignedVector<Place> place;                // where the row was read
  AlignedVector<Nanos> ts_event;             // never no_time once past the door
  AlignedVector<Nanos> ts_recv;              // no_time = not known
  AlignedVector<std::uint64_t> seq;          // no_u64 = none
  AlignedVector<std::uint8_t> kind;          // Kind
  AlignedVector<std::int8_t> side;           // Side; 0 = none
  AlignedVector<std::uint64_t> trade_id;     // no_u64 = none
  AlignedVector<std::int64_t> n_trades_24h;  // no_i64 = none
  AlignedVector<Nanos> next_funding_ns;      // no_time = none
  AlignedVector<std::uint32_t> flags;
  std::array<AlignedVector<double>, column_count> doubles;  // by Column; those of another type stay empty

  std::size_t rows() const { return instrument.size(); }
  double* f64(Column column) { return doubles[static_cast<std::size_t>(column)].data(); }
  const double* f64(Column column) const { return doubles[static_cast<std::size_t>(column)].data(); }

  /// Makes every column of `columns` hold `count` rows; values of new rows are not set.
  void resize(std::size_t count);

  /// Empties the chunk and sets which columns it holds.
  void reset(ColumnSet wanted);

  /// Adds rows [first, first + count) of `from`; a column that `from` lacks becomes "no value".
  void append(const Chunk& from, std::size_t first, std::size_t count);

  /// Writes rows `rows` of `from` to [first, first + rows.size()) of every column that `from` has too. REQUIRES: there
  /// is room for them.
  void take(const Chunk& from, std::span<const std::uint32_t> rows, std::size_t first);

  /// Sets the "no value" of every column of row `row`; kind becomes quote, flags 0.
  void clear_row(std::size_t row);

  /// Keeps the rows whose `keep` is not 0, in order.
  void compact(std::span<const std::uint8_t> keep);
};

/// Calls `visit(column, vector, no_value_of_its_type)` for each stored column, so that copying rows is written once.
template <class C, class Visit>
  requires std::is_same_v<std::remove_const_t<C>, Chunk>
void for_each_column(C& chunk, Visit&& visit) {
  visit(Column::ts_event, chunk.ts_event, no_time);
  visit(Column::ts_recv, chunk.ts_recv, no_time);
  visit(Column::seq, chunk.seq, no_u64);
  visit(Column::kind, chunk.kind, std::uint8_t{0});
  visit(Column::side, chunk.side, std::int8_t{0});
  visit(Column::trade_id, chunk.trade_id, no_u64);
  visit(Column::n_trades_24h, chunk.n_trades_24h, no_i64);
  visit(Column::next_funding_ns, chunk.next_funding_ns, no_time);
  visit(Column::flags, chunk.flags, std::uint32_t{0});
  for (std::size_t i = 0; i < column_count; ++i) {
    if (column_table[i].type == ColumnType::f64) visit(static_cast<Column>(i), chunk.doubles[i], no_value);
  }
}

}  // namespace millrace
