#pragma once

#include <nanobind/nanobind.h>

#include "millrace/chunk/chunk.h"
#include "millrace/io/instrument_reader.h"

namespace millrace {

/// Reads one tick that comes as a mapping of column names to Python values, under the rules of files: None is "not
/// given", a number that is none is counted and becomes null, a row without `kind` gets the one its values imply.
class RowReader {
 public:
  RowReader(Instruments& instruments, Ledger& ledger);

  /// Makes the chunk, which keeps its columns, that one row; empty where the venue does not know the symbol.
  /// Throws Error(Fault::input) naming the key where a name is unknown or a value has no fitting type.
  void read(const nanobind::dict& row, Chunk& chunk);

 private:
  void read_value(std::string_view name, Column column, nanobind::handle value, Chunk& chunk);
  void refuse(Column column, nanobind::handle value, Chunk& chunk);

  InstrumentReader names_;
  Ledger& ledger_;
  std::uint16_t source_;
  std::uint64_t rows_ = 0;
};

}  // namespace millrace
