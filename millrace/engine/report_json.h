#pragma once

#include <string>

#include "millrace/engine/performance.h"
#include "millrace/engine/run_result.h"

namespace millrace {

/// Everything a report of a run says, without its series: figures, days and hours, symbols, scenarios, counts, ledger,
/// parameters, provenance. What is not defined is null. The same run gives the same text.
std::string report_json(const RunResult& run, const Performance& performance);

/// "BTC-USD", or "coinbase:BTC-USD" where several venues have it; "instrument 7" where the run does not know it.
std::string label_of(const RunResult& run, InstrumentId instrument);

}  // namespace millrace
