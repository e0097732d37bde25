#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "millrace/chunk/ledger.h"
#include "millrace/chunk/source.h"
#include "millrace/io/layout.h"
#include "millrace/market/instruments.h"

namespace millrace {

/// What a file's footer tells without reading rows.
struct ParquetFooter {
  BoundLayout layout;
  std::string schema;  // one line for each column
  std::uint64_t rows = 0, row_groups = 0;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::optional<std::pair<Nanos, Nanos>> times;  // first and last ts_event, where every row group has statistics
};

/// Reads the footer; fails where the file is no Parquet, is cut short, or has no layout known here.
ParquetFooter read_parquet_footer(const std::string& path);

/// Reads a file's rows in order, in bounded memory whatever the size of its row groups. `number` is the file's in the
/// ledger.
std::unique_ptr<Source> open_parquet(const std::string& path, std::uint16_t number, Instruments& instruments,
                                     Ledger& ledger);

}  // namespace millrace
