#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "millrace/asof/rule.h"
#include "millrace/python/table_rows.h"

namespace millrace {

/// What is joined on what, by names, as `AsofColumns` has it.
struct JoinNames {
  std::vector<std::string> by;
  std::string on = "ts_event", right_on;  // right_on: empty = on
  std::string seq;                        // of the right side; empty: `seq` where it has one
  std::string prefix = "right_", age = "age_ns";
  Nanos unit_ns = 1;  // of times that are integers
};

/// The left table with, beside each row, the right row that its time asks for. Left columns are those of the caller and
/// not copied; it can be given away as often as wanted.
class JoinedTable {
 public:
  /// Throws Error(Fault::input) in the words of the command line, the tables called `left` and `right`.
  static std::unique_ptr<JoinedTable> join(const TableRows& left, const TableRows& right, const JoinNames& names,
                                           const AsofRule& rule, const std::function<void()>& between);

  std::size_t rows() const { return rows_; }
  std::size_t matched() const { return matched_; }
  std::vector<std::string> columns() const;
  void export_schema(ArrowSchema* out) const;
  void export_stream(ArrowArrayStream* out) const;

 private:
  friend class JoinWork;

  nanoarrow::UniqueSchema schema_;
  std::vector<std::shared_ptr<nanoarrow::UniqueArray>> batches_;
  std::size_t rows_ = 0, matched_ = 0;
};

}  // namespace millrace
