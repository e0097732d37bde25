#pragma once

#include "millrace/engine/backtest.h"
#include "millrace/engine/run_market.h"

namespace millrace {

/// Writes down what a run took for granted: parameters, fees with their date, latencies, queue, limits, instruments of
/// which no steps are known.
void describe(const BacktestOptions& options, const RunMarket& market, const Instruments& instruments,
              RunResult& result);

}  // namespace millrace
