#pragma once

#include <vector>

#include "millrace/chunk/chunk.h"
#include "millrace/market/instruments.h"
#include "millrace/market/tick.h"

namespace millrace {

/// One row behind the door, as the trading floors see it: complete as of the row.
struct MarketRow {
  InstrumentId instrument = no_instrument;
  Kind kind = Kind::quote;
  Side side = Side::unknown;  // the aggressor's, of this trade
  std::uint32_t flags = 0;
  Nanos ts_event = no_time, ts_recv = no_time;
  double price = no_value, size = no_value;  // of the last trade; size of this one only
  double bid = no_value, bid_size = no_value, ask = no_value, ask_size = no_value;
  double vol_24h = no_value;  // in the unit of sizes
  double mark_price = no_value, index_price = no_value, funding_rate = no_value;
  Nanos next_funding_ns = no_time;

  bool has_quote() const { return bid > 0.0 && ask > 0.0; }
  bool has_trade() const { return kind == Kind::trade || kind == Kind::ticker || kind == Kind::bar; }

  /// What a position is valued at: mark price, else the middle of a sane quote, else the last trade; NaN where none is
  /// known.
  double mark() const {
    if (mark_price > 0.0) return mark_price;
    if (has_quote() && bid <= ask) return 0.5 * (bid + ask);
    return price;
  }
};

/// Columns a `MarketRow` is read from.
inline constexpr ColumnSet market_row_columns =
    core_columns |
    ColumnSet{Column::size,           Column::side,    Column::bid,        Column::bid_size,    Column::ask,
              Column::ask_size,       Column::vol_24h, Column::mark_price, Column::index_price, Column::funding_rate,
              Column::next_funding_ns};

MarketRow market_row_of(const Chunk& chunk, std::size_t row);

/// All rows of the chunk. What it lacks of `market_row_columns` besides the core columns is "no value".
void read_market_rows(const Chunk& chunk, std::vector<MarketRow>& out);

}  // namespace millrace
