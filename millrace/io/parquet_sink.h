#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "millrace/chunk/sink.h"
#include "millrace/io/column_encoding.h"

namespace millrace {

enum class RowOrder : std::uint8_t { instrument, time };

struct ParquetSinkOptions {
  std::string path;
  ColumnSet columns;  // of the tick row; venue and symbol are always written
  /// Not empty: only these features, in this order, behind the key of the predecessor's live row in place of `columns`:
  /// `timestamp` in ms, `symbol`, `price`. REQUIRES: each is a feature of the blocks.
  std::vector<std::string> live_features = {};
  Codec codec = Codec::lz4;
  RowOrder order = RowOrder::instrument;
  bool is_float32 = false;      // features
  bool has_statistics = false;  // of every column; without, of ts_event alone
  std::size_t threads = 1;      // that encode columns
};

/// Writes ticks or features as one Parquet file, one row group per chunk. Null is written where the column has no
/// value.
std::unique_ptr<Sink> make_parquet_sink(const ParquetSinkOptions& options, const Instruments& instruments);

}  // namespace millrace
