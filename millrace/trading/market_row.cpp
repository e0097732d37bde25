#include "millrace/trading/market_row.h"

namespace millrace {

MarketRow market_row_of(const Chunk& chunk, std::size_t row) {
  MarketRow result;
  read_market_row(chunk, row, result);
  return result;
}

void read_market_row(const Chunk& chunk, std::size_t row, MarketRow& out) {
  const auto number = [&](Column column) { return chunk.columns.has(column) ? chunk.f64(column)[row] : no_value; };
  out.instrument = chunk.instrument[row];
  out.kind = static_cast<Kind>(chunk.kind[row]);
  out.side = chunk.columns.has(Column::side) ? static_cast<Side>(chunk.side[row]) : Side::unknown;
  out.flags = chunk.flags[row];
  out.ts_event = chunk.ts_event[row];
  out.ts_recv = chunk.ts_recv[row];
  out.price = number(Column::price);
  out.size = number(Column::size);
  out.bid = number(Column::bid);
  out.bid_size = number(Column::bid_size);
  out.ask = number(Column::ask);
  out.ask_size = number(Column::ask_size);
  out.vol_24h = number(Column::vol_24h);
  out.mark_price = number(Column::mark_price);
  out.index_price = number(Column::index_price);
  out.funding_rate = number(Column::funding_rate);
  out.next_funding_ns = chunk.columns.has(Column::next_funding_ns) ? chunk.next_funding_ns[row] : no_time;
}

}  // namespace millrace
