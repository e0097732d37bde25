#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <arrow/type_fwd.h>

namespace millrace {

/// Rows of columns by number; a negative number gives null.
class Gather {
 public:
  explicit Gather(std::span<const std::int64_t> rows);

  /// The column's type, and its dictionary, stay.
  std::shared_ptr<arrow::Array> column(const std::shared_ptr<arrow::Array>& values) const;

  /// Which rows there are, one bit each (null where all are), and how many are not.
  std::pair<std::shared_ptr<arrow::Buffer>, std::int64_t> given() const { return {valid_, nulls_}; }

 private:
  std::shared_ptr<arrow::Array> fixed(const arrow::Array& values, int bytes) const;
  std::shared_ptr<arrow::Array> bits(const arrow::Array& values) const;
  std::shared_ptr<arrow::Array> any(const arrow::Array& values) const;
  std::pair<std::shared_ptr<arrow::Buffer>, std::int64_t> validity(const arrow::Array& values) const;

  std::span<const std::int64_t> rows_;
  std::shared_ptr<arrow::Buffer> valid_;  // one bit for each row; null where all are
  std::int64_t nulls_ = 0;
};

/// All columns of a batch.
std::shared_ptr<arrow::RecordBatch> gather_rows(const arrow::RecordBatch& batch, std::span<const std::int64_t> rows);

}  // namespace millrace
