#pragma once

#include <memory>
#include <string>

#include "millrace/chunk/sink.h"
#include "millrace/market/instruments.h"
#include "millrace/trading/account.h"
#include "millrace/trading/run_log.h"

namespace millrace {

/// Writes a run's records as they come: orders.parquet, fills.parquet, trades.parquet, signals.parquet and
/// equity.parquet in a folder. Each appears when it is complete; without `close` nothing is left.
class RunFiles {
 public:
  static constexpr std::size_t most_buffered = 16 * 1024;  // records of a kind; more are written

  /// The folder is there. Throws Error(Fault::output) where it cannot be written to.
  RunFiles(const std::string& folder, const Instruments& instruments, const SpecBook& specs,
           const Provenance& provenance);
  ~RunFiles();

  void write(RunLog& log);
  void close();

 private:
  struct Tables;
  std::unique_ptr<Tables> tables_;
};

}  // namespace millrace
