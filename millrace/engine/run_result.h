#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "millrace/chunk/ledger.h"
#include "millrace/chunk/source.h"
#include "millrace/trading/records.h"

namespace millrace {

/// Prices of one instrument over equal times, for charts and reports.
struct PriceBar {
  Nanos start = no_time;
  double open = 0.0, high = 0.0, low = 0.0, close = 0.0, volume = 0.0;
};

/// What one instrument saw and brought. Money is in the account's asset.
struct SymbolResult {
  std::string venue, symbol;
  std::uint64_t rows = 0, rejected_rows = 0, gap_rows = 0;
  Nanos first = no_time, last = no_time, longest_gap = 0, longest_gap_from = no_time;
  std::uint64_t long_gaps = 0;  // longer than the run allows
  std::uint64_t orders = 0, blocked = 0, rejected = 0, fills = 0;
  double turnover = 0.0, realised = 0.0, unrealised = 0.0, fees = 0.0, funding = 0.0, borrow = 0.0;
  double spread_cost = 0.0, impact_cost = 0.0, delay_cost = 0.0;
  // The profit before fees and funding is what fills were better than the middle (- spread - impact), plus what the
  // middle did in the 5 s after them (below 0: adverse selection), plus what it did to the inventory from then on.
  double markout_1s = 0.0, markout_5s = 0.0, markout_30s = 0.0;  // fills without one count as 0
  double inventory_pnl = 0.0;
  std::vector<PriceBar> bars;  // at most `most_chart_bars`
};

/// The same run under other assumptions.
struct Scenario {
  std::string name;  // "2x costs", "2x latency", "size 5x", "without regime_aware"
  double net_pnl = 0.0, gross_pnl = 0.0, fees = 0.0;
  double max_drawdown = 0.0, sharpe = 0.0;  // `DrawdownFigures::deepest`; of the steps, a year
  std::uint64_t fills = 0;
};

/// How often something stopped an order, or a row.
struct Count {
  std::string name;
  std::uint64_t count = 0;
};

/// A finished run, as reports show it.
struct RunResult {
  static constexpr std::size_t most_chart_bars = 2'000, most_records = 200'000;

  std::string strategy, title;  // "mean_reversion", "Mean reversion"
  std::string asset;            // of the account: "USD"
  double capital = 0.0;
  Nanos from = no_time, to = no_time;  // of the first and last row
  Nanos equity_step = 60 * one_second;
  std::vector<std::pair<std::string, std::string>> parameters, assumptions;  // set by the user; fees, latency, queue
  std::vector<std::pair<std::string, std::string>> provenance;
  std::vector<std::string> notes;     // what a reader must know: "the input has no quotes: …", "in sample"
  std::vector<SymbolResult> symbols;  // by InstrumentId
  std::vector<EquityPoint> equity;    // every `equity_step`, and at the end
  std::vector<OrderRecord> orders;    // at most `most_records` of each; `*_total` tells how many there were
  std::vector<FillRecord> fills;
  std::vector<RoundTrip> trades;
  std::vector<SignalRecord> signals;
  std::uint64_t orders_total = 0, fills_total = 0, trades_total = 0, signals_total = 0;
  std::vector<Count> blocked, rejected;  // orders by reason
  std::vector<Scenario> scenarios;
  std::uint64_t trials = 1;           // parameter sets tried, of which this is one
  std::vector<double> trial_sharpes;  // theirs a year, of a sweep; empty otherwise
  Ledger ledger;
  std::vector<SourceFile> files;
  double seconds = 0.0;
};

}  // namespace millrace
