#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "millrace/asof/join.h"
#include "millrace/io/asof_columns.h"

namespace millrace {

/// What is joined on what, by names.
struct AsofColumns {
  std::vector<std::string> by;
  std::string on = "ts_event", right_on;  // right_on: empty = on
  std::string seq;                        // of the right side; empty: `seq` where it has one
  std::string prefix = "right_", age = "age_ns";
  Nanos unit_ns = 1;  // of times that are integers
};

/// One side of a join, its columns found by name.
struct AsofSide {
  std::string name;  // the file's
  int time = -1;
  int seq = -1;  // -1: none
  std::vector<int> keys;
};

/// The join of two schemas. Its output does not depend on the data: left columns, then right ones with the prefix, but
/// neither keys nor time, then the right time and the age.
struct AsofPlan {
  AsofColumns columns;
  AsofSide left, right;
  std::vector<int> carried;  // columns of the right side
  std::shared_ptr<arrow::Schema> schema;

  /// Throws Error(Fault::input) naming the column that is missing, of the wrong type or there twice.
  static AsofPlan make(const AsofColumns& columns, const std::string& left_name, const arrow::Schema& left,
                       const std::string& right_name, const arrow::Schema& right);
};

/// The columns of a batch that the algorithms look at.
struct AsofView {
  AsofTimes times;
  AlignedVector<KeyNumber> keys;
  AlignedVector<std::int64_t> seqs;

  AsofView(const AsofPlan& plan, const AsofSide& side, const arrow::RecordBatch& batch, AsofKeys& coder);

  AsofRows rows() const { return {times.values(), keys, seqs}; }
  AsofRows rows(std::size_t from, std::size_t count) const;
};

/// The output for left rows `from` to `from + rows.size()`, each with the right row of that number or none.
std::shared_ptr<arrow::RecordBatch> join_rows(const AsofPlan& plan, const arrow::RecordBatch& left,
                                              std::span<const Nanos> left_times, std::size_t from,
                                              const arrow::RecordBatch& right, std::span<const Nanos> right_times,
                                              std::span<const std::int64_t> rows);

/// Joins two tables in memory, of any number of chunks and in any order of rows.
std::shared_ptr<arrow::Table> asof_join_tables(const arrow::Table& left, const arrow::Table& right,
                                               const AsofColumns& columns, const AsofRule& rule, Workers& workers);

}  // namespace millrace
