#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nanoarrow/nanoarrow.hpp>

#include "millrace/io/column_values.h"
#include "millrace/io/row_names.h"

namespace millrace {

/// Names rows of a table that has no column for its venue or symbol.
inline constexpr const char* unnamed = "-";

/// Reads a table that comes through the Arrow C stream interface, a few thousand rows at a time: what `ParquetSource`
/// does with files. Columns are found by name, rows are as read.
class ArrowReader {
 public:
  /// Takes the stream's schema. Throws Error(Fault::input) where a column has a type that its field cannot be read
  /// from.
  ArrowReader(ArrowArrayStream* stream, Instruments& instruments, Ledger& ledger);

  const BoundLayout& layout() const { return layout_; }

  /// Refills `chunk` with at most `most` rows, of one batch of the stream; false at the end.
  bool next(Chunk& chunk, std::size_t most);

 private:
  bool has_batch();
  void read_rows(Chunk& chunk, std::int64_t count);
  ColumnValues values_of(std::size_t column, std::int64_t count, TextCodes& texts) const;
  void read_texts(std::size_t column, std::int64_t count, TextCodes& texts) const;
  void read_codes(Part part, std::int64_t count, TextCodes& texts) const;
  [[noreturn]] void fail_stream(const char* what) const;
  [[noreturn]] void fail_word(std::size_t column, std::int64_t word) const;

  nanoarrow::UniqueArrayStream stream_;
  nanoarrow::UniqueSchema schema_;
  nanoarrow::UniqueArrayView view_;
  nanoarrow::UniqueArray batch_;
  std::int64_t batch_at_ = 0;
  std::vector<Stored> stored_;  // by column of the table
  std::vector<Nanos> unit_;
  BoundLayout layout_;
  RowNames names_;
  Ledger& ledger_;
  std::uint16_t source_;
  std::uint64_t rows_read_ = 0;
  TextCodes texts_, venues_, symbols_;
  std::vector<std::uint8_t> keep_;
};

}  // namespace millrace
