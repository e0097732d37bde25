#include "millrace/engine/row_collector.h"

#include <algorithm>

namespace millrace {

void RowCollector::on_batch(const MarketBatch& batch) {
  const Chunk& chunk = batch.chunk;
  const bool has_sizes = chunk.columns.has(Column::size);
  const double* price = chunk.f64(Column::price);
  for (std::size_t row = 0; row < chunk.rows(); ++row) {
    const InstrumentId instrument = chunk.instrument[row];
    if (instrument >= seen_.size()) seen_.resize(instrument + 1);
    Seen& one = seen_[instrument];
    SymbolResult& rows = one.rows;
    const Nanos ts = chunk.ts_event[row];
    const auto kind = static_cast<Kind>(chunk.kind[row]);
    if (rows.rows == 0) rows.first = ts;
    if (rows.rows > 0 && ts - rows.last > rows.longest_gap) {
      rows.longest_gap = ts - rows.last;
      rows.longest_gap_from = rows.last;
    }
    if (rows.rows > 0 && ts - rows.last > most_gap_) ++rows.long_gaps;
    ++rows.rows;
    rows.last = std::max(rows.last, ts);
    if (kind == Kind::gap) ++rows.gap_rows;
    const bool is_trade = kind == Kind::trade || kind == Kind::ticker || kind == Kind::bar;
    if (!is_trade && price[row] == one.last_price) continue;  // a quote tells the chart nothing new
    one.last_price = price[row];
    one.bars.add(ts, price[row], has_sizes && is_trade ? chunk.f64(Column::size)[row] : 0.0);
  }
  if (chunk.rows() == 0) return;
  if (from_ == no_time) from_ = chunk.ts_event.front();
  to_ = std::max(to_, chunk.ts_event.back());
}

void RowCollector::finish(RunResult& result, std::vector<SymbolResult>& symbols) {
  result.from = from_;
  result.to = to_;
  if (symbols.size() < seen_.size()) symbols.resize(seen_.size());
  for (std::size_t id = 0; id < seen_.size(); ++id) {
    const SymbolResult& rows = seen_[id].rows;
    SymbolResult& one = symbols[id];
    one.rows = rows.rows;
    one.gap_rows = rows.gap_rows;
    one.first = rows.first;
    one.last = rows.last;
    one.longest_gap = rows.longest_gap;
    one.longest_gap_from = rows.longest_gap_from;
    one.long_gaps = rows.long_gaps;
    one.bars = seen_[id].bars.take();
  }
}

}  // namespace millrace
