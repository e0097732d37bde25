#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "millrace/io/asof_table.h"
#include "millrace/io/column_encoding.h"

namespace millrace {

struct AsofFileOptions {
  std::string left, right, output;
  AsofColumns columns;
  AsofRule rule;
  bool is_sorted = false;  // both files are known to be sorted by time; a row that is not ends the run
  std::uint64_t sort_memory_bytes = std::uint64_t{1} << 30U;
  bool uses_threads = true;  // those of Arrow, to decode and encode columns
  Codec codec = Codec::lz4;
  std::vector<std::pair<std::string, std::string>> metadata;
  /// Told now and then how many left rows are done, and of how many (0: unknown). May throw, to stop.
  std::function<void(std::uint64_t, std::uint64_t)> between = [](std::uint64_t, std::uint64_t) {};
};

struct AsofFileResult {
  std::uint64_t rows = 0, matched = 0, right_rows = 0;
  bool left_was_unsorted = false, right_was_unsorted = false;
  std::uint64_t most_retained = 0;  // right rows in memory
};

/// Joins two files into a third. Both are read side by side in the order of time, so that memory holds a batch of each
/// and the right rows that left rows to come may need; files that are not sorted are sorted first, the output then has
/// the left rows in their sorted order. Without a tolerance, forward and nearest joins keep the right rows up to the
/// next of the key that is waited for.
AsofFileResult asof_join_files(const AsofFileOptions& options);

}  // namespace millrace
