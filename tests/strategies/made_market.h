#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "millrace/base/error.h"
#include "millrace/engine/backtest.h"
#include "millrace/engine/strategy_file.h"
#include "millrace/trading/market_row.h"

/// Markets made row by row, and strategies played over them as a backtest does.
namespace millrace::testing {

inline constexpr Nanos made_start = 1'700'006'400 * one_second;  // a full hour

/// Gives rows as they are, `chunk_rows` at a time.
class MadeSource final : public Source {
 public:
  MadeSource(const std::vector<MarketRow>& rows, std::size_t chunk_rows) : rows_(rows), chunk_rows_(chunk_rows) {}

  bool next(Chunk& chunk) override {
    const std::size_t count = std::min(chunk_rows_, rows_.size() - at_);
    chunk.resize(count);
    for (std::size_t i = 0; i < count; ++i) write(chunk, i, rows_[at_ + i]);
    at_ += count;
    return count > 0;
  }
  ColumnSet columns() const override { return market_row_columns; }
  std::vector<SourceFile> files() const override { return {}; }
  double progress() const override { return 1.0; }

 private:
  static void write(Chunk& chunk, std::size_t i, const MarketRow& row) {
    chunk.clear_row(i);
    chunk.instrument[i] = row.instrument;
    chunk.ts_event[i] = chunk.ts_recv[i] = row.ts_event;
    chunk.kind[i] = static_cast<std::uint8_t>(row.kind);
    if (chunk.columns.has(Column::side)) chunk.side[i] = static_cast<std::int8_t>(row.side);
    const auto put = [&](Column column, double value) {
      if (chunk.columns.has(column)) chunk.f64(column)[i] = value;
    };
    put(Column::price, row.price);
    put(Column::size, row.size);
    put(Column::bid, row.bid);
    put(Column::bid_size, row.bid_size);
    put(Column::ask, row.ask);
    put(Column::ask_size, row.ask_size);
    put(Column::vol_24h, row.vol_24h);
  }

  const std::vector<MarketRow>& rows_;
  std::size_t chunk_rows_, at_ = 0;
};

/// Rows of venue "v", first of all of A-USD:PERP, which can be sold short.
struct MadeMarket {
  std::vector<MarketRow> rows;
  std::vector<std::string> symbols{"A-USD:PERP"};
  double half_spread = 0.001, shown = 1e6;  // of the quotes

  /// A trade at the middle of a new quote, in one row.
  void tick(Nanos ts, double price, double size = 1.0, InstrumentId instrument = 0) {
    rows.push_back(row(Kind::ticker, ts, price, instrument));
    rows.back().price = price;
    rows.back().size = size;
  }
  void quote(Nanos ts, double middle, InstrumentId instrument = 0) {
    rows.push_back(row(Kind::quote, ts, middle, instrument));
  }
  void trade(Nanos ts, double price, double size, Side side = Side::unknown, InstrumentId instrument = 0) {
    rows.push_back(row(Kind::trade, ts, no_value, instrument));
    rows.back().price = price;
    rows.back().size = size;
    rows.back().side = side;
  }

 private:
  MarketRow row(Kind kind, Nanos ts, double middle, InstrumentId instrument) const {
    MarketRow made{.instrument = instrument, .kind = kind, .ts_event = ts, .ts_recv = ts};
    made.bid = middle - half_spread;
    made.ask = middle + half_spread;
    made.bid_size = made.ask_size = std::isnan(middle) ? no_value : shown;
    return made;
  }
};

struct MadeRun {
  StrategySpec strategy;
  double maker_bps = 0.0, taker_bps = 0.0;
  bool has_edge_test = true, has_scenarios = false;
  std::size_t chunk_rows = default_chunk_rows;
  double capital = 1e6;
  GuardLimits limits{.notional_max = 1e9};
  QueueModel queue = QueueModel::conservative;
};

inline RunResult play(const MadeMarket& market, const MadeRun& run) {
  BacktestOptions options{.strategy = run.strategy};
  options.fees.venues = {{.venue = "v", .date = "2026-01-01", .tiers = {{"only", run.maker_bps, run.taker_bps}}}};
  options.deposits = {{.venue = "v", .asset = "USD", .amount = *to_amount(run.capital)}};
  options.lane.desk.limits = run.limits;
  options.lane.desk.has_edge_test = run.has_edge_test;
  options.lane.sim.queue = run.queue;
  options.lane.sim.assumed_half_spread_bps = 0.0;
  options.lane.feed.least = options.lane.feed.most = 0;
  for (LatencyModel* one : {&options.lane.sim.order_latency, &options.lane.sim.ack_latency}) {
    one->least = one->most = 50'000'000;
  }
  options.has_scenarios = run.has_scenarios;
  options.has_progress = false;
  return run_backtest(options, [&](Instruments& instruments, Ledger&) {
    for (const std::string& symbol : market.symbols) instruments.intern("v", symbol);
    return std::make_unique<MadeSource>(market.rows, run.chunk_rows);
  });
}

inline double net_of(const RunResult& result) { return result.equity.back().equity - result.capital; }

/// As if each fill had been at the middle and free.
inline double before_costs(const RunResult& result) {
  double sum = net_of(result) + result.equity.back().fees;
  for (const SymbolResult& one : result.symbols) sum += one.spread_cost + one.impact_cost;
  return sum;
}

/// Mean over its standard error.
inline double t_value(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  double mean = 0.0, squares = 0.0;
  for (const double x : values) mean += x / n;
  for (const double x : values) squares += (x - mean) * (x - mean);
  return mean / std::sqrt(squares / (n - 1.0) / n);
}

}  // namespace millrace::testing
