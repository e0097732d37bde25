#pragma once

#include <string>
#include <vector>

#include "millrace/io/column_values.h"
#include "millrace/io/instrument_reader.h"

namespace millrace {

/// Gives rows their instruments, looking each pair of texts up once for a batch.
class RowNames {
 public:
  explicit RowNames(Instruments& instruments) : reader_(instruments) {}

  /// Names the rows from `target.at` to the chunk's end. Without codes the one text is every row's. A row whose symbol
  /// the venue does not know is counted and marked to be dropped; one without venue or symbol is left to the door.
  void name(const TextCodes& venues, const TextCodes& symbols, const RowTarget& target);

  const std::vector<std::string>& renamed() const { return reader_.renamed(); }  // "MATIC/USD -> POL-USD"

 private:
  InstrumentReader reader_;
  std::vector<InstrumentId> table_;
};

}  // namespace millrace
