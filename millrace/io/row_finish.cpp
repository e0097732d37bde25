#include "millrace/io/row_finish.h"

#include <algorithm>
#include <type_traits>

namespace millrace {

namespace {

constexpr auto trade = static_cast<std::uint8_t>(Kind::trade);

/// Every row repeats the last trade: its size and side belong to the trade's own row alone.
void keep_trades_own(Chunk& chunk, std::size_t row) {
  if (chunk.kind[row] == trade) return;
  if (chunk.columns.has(Column::size)) chunk.f64(Column::size)[row] = no_value;
  if (chunk.columns.has(Column::side)) chunk.side[row] = 0;
}

void finish_normalized(Chunk& chunk, std::size_t at) {
  for (std::size_t row = at; row < chunk.rows(); ++row) {
    keep_trades_own(chunk, row);
    if (chunk.ts_event[row] != no_time) continue;
    chunk.ts_event[row] = chunk.ts_recv[row];
    chunk.flags[row] |= flag_receive_time;
  }
}

/// open = last - change.
void finish_open(Chunk& chunk, std::size_t at) {
  double* open = chunk.f64(Column::open_24h);
  const double* price = chunk.f64(Column::price);
  for (std::size_t row = at; row < chunk.rows(); ++row) open[row] = price[row] - open[row];
}

}  // namespace

void finish_rows(const BoundLayout& bound, Chunk& chunk, std::size_t at) {
  const bool has_change = bound.find(Part::day_change) != nullptr;
  for_each_column(chunk, [&](Column column, auto& values, auto none) {
    using Value = typename std::remove_reference_t<decltype(values)>::value_type;
    const bool is_read = bound.find(column) != nullptr || (has_change && column == Column::open_24h);
    if (!chunk.columns.has(column) || is_read) return;
    const auto fill = column == Column::kind ? static_cast<Value>(bound.implied) : static_cast<Value>(none);
    std::fill(values.begin() + static_cast<std::ptrdiff_t>(at), values.end(), fill);
  });
  if (has_change && chunk.columns.has(Column::open_24h)) finish_open(chunk, at);
  if (bound.layout->name == "normalized") finish_normalized(chunk, at);
}

}  // namespace millrace
