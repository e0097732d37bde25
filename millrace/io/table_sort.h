#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <arrow/type_fwd.h>

#include "millrace/base/time.h"

namespace millrace {

/// The first row of a file whose time lies before that of a row in front of it.
struct UnsortedRow {
  std::uint64_t row = 0;  // counted from 1
  Nanos before = no_time, time = no_time;
};

/// Looks for it while rows go by. Null times are passed over.
class OrderCheck {
 public:
  std::optional<UnsortedRow> see(std::span<const Nanos> times);

 private:
  std::uint64_t rows_ = 0;
  Nanos last_ = no_time;
};

struct TableSortOptions {
  std::string name;    // of the file, for messages
  std::string column;  // the time
  Nanos unit_ns = 1;   // of times that are integers
  std::uint64_t memory_bytes = std::uint64_t{1} << 30U;
  std::string beside;                     // a file; what does not fit into memory goes to nameless files in its folder
  std::function<void()> between = [] {};  // may throw, to stop
};

/// The rows of `batches` in the order of time, those of equal time as they came, null times last. What exceeds the
/// memory is sorted in parts that are merged; they are in files without a name, which are gone when the run is, however
/// it ends. Fails where there would be more than 512 parts.
std::shared_ptr<arrow::RecordBatchReader> sort_by_time(const std::shared_ptr<arrow::RecordBatchReader>& batches,
                                                       const TableSortOptions& options);

}  // namespace millrace
