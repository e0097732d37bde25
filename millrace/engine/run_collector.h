#pragma once

#include <map>
#include <string>
#include <vector>

#include "millrace/engine/row_collector.h"
#include "millrace/engine/run_result.h"
#include "millrace/trading/account.h"
#include "millrace/trading/run_log.h"

namespace millrace {

/// Gathers what a report shows while a run goes by, in memory that does not grow with the rows: of each kind of record
/// the first `RunResult::most_records` are kept, all are counted.
class RunCollector {
 public:
  RunCollector(const Instruments& instruments, RunResult& result) : instruments_(instruments), result_(result) {}

  void on_log(const RunLog& log);

  /// Fills in the symbols: what the account made of each, in the account's asset by `rate` of an instrument.
  struct Final {
    double rate = 1.0, unrealised = 0.0;
  };
  void finish(RowCollector& rows, const Account& account, const std::vector<Final>& finals);

 private:
  SymbolResult& symbol(InstrumentId instrument);

  const Instruments& instruments_;
  RunResult& result_;
  std::vector<SymbolResult> symbols_;  // by instrument
  std::map<std::string, std::uint64_t> blocked_, rejected_;
};

}  // namespace millrace
