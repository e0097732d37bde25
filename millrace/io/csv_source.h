#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "millrace/chunk/ledger.h"
#include "millrace/chunk/source.h"
#include "millrace/io/byte_stream.h"
#include "millrace/io/layout.h"
#include "millrace/market/instruments.h"

namespace millrace {

/// A text whose first record names the columns.
struct CsvInput {
  std::string path;                       // of the messages; its `venue=` and `symbol=` parts count
  ReadBytes bytes;                        // not compressed
  std::uint16_t number = 0;               // the file's in the ledger
  std::uint64_t size = 0;                 // of the file in bytes, 0 = not known
  std::shared_ptr<std::size_t> consumed;  // how much of it `bytes` has taken; may be empty
};

/// What the first lines tell.
struct CsvHead {
  BoundLayout layout;
  std::string schema;           // the names of the columns, one line for each
  Nanos first_event = no_time;  // ts_event of the first row that has one; no_time where none near the start has
};

/// Reads the header and a few rows; fails where no layout known here fits.
CsvHead read_csv_head(const CsvInput& input);

/// Reads rows in order. Records that are none (other number of fields, an open quote, longer than 1 MiB) are counted
/// and left out, and so are rows whose time cannot be read.
std::unique_ptr<Source> open_csv(CsvInput input, Instruments& instruments, Ledger& ledger);

}  // namespace millrace
