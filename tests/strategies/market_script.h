#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "millrace/engine/backtest.h"
#include "millrace/engine/run_settings.h"

namespace millrace::testing {

/// A row of a made market; what is not given is not told.
struct ScriptRow {
  std::string venue, symbol;
  Nanos ts = no_time;
  double bid = no_value, bid_size = no_value, ask = no_value, ask_size = no_value;
  double price = no_value, size = no_value;
  Kind kind = Kind::ticker;
  Nanos received = no_time;  // left out: ts
  double funding_rate = no_value, interval_s = no_value, mark_price = no_value, index_price = no_value;
  Nanos next_funding = no_time;
};

/// A ticker: a trade at the middle, and a quote around it.
inline ScriptRow ticker(std::string venue, std::string symbol, Nanos ts, double bid, double ask, double size = 1e6) {
  return {.venue = std::move(venue),
          .symbol = std::move(symbol),
          .ts = ts,
          .bid = bid,
          .bid_size = size,
          .ask = ask,
          .ask_size = size,
          .price = 0.5 * (bid + ask),
          .size = 1.0};
}

class ScriptedSource final : public Source {
 public:
  static constexpr std::size_t chunk_rows = 4096;

  ScriptedSource(const std::vector<ScriptRow>& rows, Instruments& instruments)
      : rows_(rows), instruments_(instruments) {}

  bool next(Chunk& chunk) override {
    const std::size_t count = std::min(chunk_rows, rows_.size() - done_);
    chunk.resize(count);
    for (std::size_t i = 0; i < count; ++i) write(chunk, i, rows_[done_ + i]);
    done_ += count;
    return count > 0;
  }
  ColumnSet columns() const override {
    return core_columns | ColumnSet{Column::size,
                                    Column::bid,
                                    Column::bid_size,
                                    Column::ask,
                                    Column::ask_size,
                                    Column::funding_rate,
                                    Column::mark_price,
                                    Column::next_funding_ns,
                                    Column::funding_interval_s,
                                    Column::index_price};
  }
  std::vector<SourceFile> files() const override { return {{.path = "a made market", .layout = "canonical"}}; }
  double progress() const override { return 1.0; }

 private:
  void write(Chunk& chunk, std::size_t at, const ScriptRow& row) {
    chunk.clear_row(at);
    chunk.instrument[at] = instruments_.intern(row.venue, row.symbol);
    chunk.place[at] = {.source = 0, .row = (done_ + at) & 0xFFFFFFFFFFFFU};
    chunk.ts_event[at] = row.ts;
    chunk.ts_recv[at] = row.received == no_time ? row.ts : row.received;
    chunk.kind[at] = static_cast<std::uint8_t>(row.kind);
    if (chunk.columns.has(Column::next_funding_ns)) chunk.next_funding_ns[at] = row.next_funding;
    const std::pair<Column, double> values[] = {{Column::price, row.price},
                                                {Column::size, row.size},
                                                {Column::bid, row.bid},
                                                {Column::bid_size, row.bid_size},
                                                {Column::ask, row.ask},
                                                {Column::ask_size, row.ask_size},
                                                {Column::funding_rate, row.funding_rate},
                                                {Column::funding_interval_s, row.interval_s},
                                                {Column::mark_price, row.mark_price},
                                                {Column::index_price, row.index_price}};
    for (const auto& [column, value] : values) {
      if (chunk.columns.has(column)) chunk.f64(column)[at] = value;
    }
  }

  const std::vector<ScriptRow>& rows_;
  Instruments& instruments_;
  std::size_t done_ = 0;
};

/// Settings with a fee table and an instrument table of their own, as texts.
inline RunSettings settings_of(std::string strategy, std::string fees, std::string instruments = {}) {
  RunSettings settings;
  settings.inputs = {"made"};
  settings.strategy = std::move(strategy);
  settings.fees = "fees.toml";
  settings.files.emplace_back("fees.toml", std::move(fees));
  if (!instruments.empty()) {
    settings.instruments = "instruments.csv";
    settings.files.emplace_back("instruments.csv", std::move(instruments));
  }
  return settings;
}

/// Plays rows, which are sorted by time first, as a backtest without scenarios.
inline RunResult play(std::vector<ScriptRow> rows, RunSettings settings) {
  std::stable_sort(rows.begin(), rows.end(), [](const ScriptRow& a, const ScriptRow& b) { return a.ts < b.ts; });
  BacktestOptions options = make_options(settings);
  options.has_scenarios = false;
  options.has_progress = false;
  return run_backtest(
      options, [&](Instruments& instruments, Ledger&) { return std::make_unique<ScriptedSource>(rows, instruments); });
}

inline double net_of(const RunResult& run) { return run.equity.back().equity - run.capital; }

inline std::vector<SignalRecord> signals_of(const RunResult& run, std::string_view signal, std::string_view effect) {
  std::vector<SignalRecord> found;
  for (const SignalRecord& one : run.signals) {
    if (one.signal == signal && (effect.empty() || one.effect == effect)) found.push_back(one);
  }
  return found;
}

}  // namespace millrace::testing
