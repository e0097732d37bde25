#include "millrace/trading/market_row.h"

namespace millrace {

MarketRow market_row_of(const Chunk& chunk, std::size_t row) {
  const auto number = [&](Column column) { return chunk.columns.has(column) ? chunk.f64(column)[row] : no_value; };
  MarketRow result{.instrument = chunk.instrument[row],
                   .kind = static_cast<Kind>(chunk.kind[row]),
                   .flags = chunk.flags[row],
                   .ts_event = chunk.ts_event[row],
                   .ts_recv = chunk.ts_recv[row]};
  if (chunk.columns.has(Column::side)) result.side = static_cast<Side>(chunk.side[row]);
  if (chunk.columns.has(Column::next_funding_ns)) result.next_funding_ns = chunk.next_funding_ns[row];
  result.price = number(Column::price);
  result.size = number(Column::size);
  result.bid = number(Column::bid);
  result.bid_size = number(Column::bid_size);
  result.ask = number(Column::ask);
  result.ask_size = number(Column::ask_size);
  result.vol_24h = number(Column::vol_24h);
  result.mark_price = number(Column::mark_price);
  result.index_price = number(Column::index_price);
  result.funding_rate = number(Column::funding_rate);
  return result;
}

}  // namespace millrace
