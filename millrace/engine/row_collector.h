#pragma once

#include <vector>

#include "millrace/engine/price_bars.h"
#include "millrace/engine/run_result.h"
#include "millrace/trading/market_batch.h"

namespace millrace {

/// What a report shows of the rows of a run: how many, their gaps, a chart of each instrument. One thread adds; when it
/// is done, another may ask.
class RowCollector {
 public:
  /// `most_gap`: longer silences are counted.
  explicit RowCollector(Nanos most_gap) : most_gap_(most_gap) {}

  void on_batch(const MarketBatch& batch);

  /// Fills in the run's time, and each symbol's rows. `symbols` are by instrument.
  void finish(RunResult& result, std::vector<SymbolResult>& symbols);

 private:
  struct Seen {
    SymbolResult rows;  // what rows tell
    PriceBars bars;
    double last_price = 0.0;
  };
  Nanos most_gap_;
  Nanos from_ = no_time, to_ = no_time;
  std::vector<Seen> seen_;  // by instrument
};

}  // namespace millrace
