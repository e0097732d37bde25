#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "millrace/chunk/ledger.h"
#include "millrace/chunk/source.h"
#include "millrace/market/instruments.h"

namespace millrace {

struct InputOptions {
  /// Files read at the same time, because they overlap in time; each holds one chunk. More fail: at once where footers
  /// tell the times, else when the first one too many starts.
  std::size_t open_files_limit = 128;
};

/// Opens files, folders (read through, every data file in them), partitioned datasets (`venue=…/date=…/part-0.parquet`)
/// and globs, and reads all rows as one source in the order of event time. A file is recognised by its content, its
/// layout by its columns; a footer or header that cannot be used fails here, before any row is read.
std::unique_ptr<Source> open_inputs(std::span<const std::string> paths, const InputOptions& options,
                                    Instruments& instruments, Ledger& ledger);

/// The files that paths name, in the order of the paths and by name within each; a file named twice is read once.
std::vector<std::string> find_files(std::span<const std::string> paths);

/// What a file is, for `inspect`.
struct FileDescription {
  struct InstrumentRows {
    std::string venue, symbol;
    std::uint64_t rows = 0;
    Nanos first = no_time, last = no_time;  // ts_event
    Nanos longest_gap = 0, longest_gap_from = no_time;
    std::uint64_t gap_rows = 0;  // losses that the feed reported (kind 5)

    void add(Nanos ts, Kind kind);
  };
  std::string container;  // "Parquet", "CSV", "CSV, gzip"
  std::string layout;
  std::string schema;  // one line for each column
  std::uint64_t rows = 0, row_groups = 0;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::vector<InstrumentRows> instruments;  // in order of appearance
  std::vector<std::string> renamed;
  Ledger ledger;  // rows that could not be used; the door has not seen the others
};

/// Reads the whole file, though few of its columns.
FileDescription describe_file(const std::string& path);

}  // namespace millrace
