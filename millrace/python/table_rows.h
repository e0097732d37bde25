#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nanoarrow/nanoarrow.hpp>

namespace millrace {

/// Some rows of a table that came through the Arrow C stream interface.
struct ArrowBatch {
  nanoarrow::UniqueArray array;
  nanoarrow::UniqueArrayView view;

  std::int64_t rows() const { return array->length; }
};

/// A row of a column in pieces: batch `-1` is no row. `at` counts from the start of the array, its offset included for
/// the batch but not for the column.
struct RowPlace {
  std::int32_t batch;
  std::int64_t at;
};

/// All rows of a table, in the batches in which they came.
class TableRows {
 public:
  /// Reads the stream to its end. `where` names the table in messages; `between` is called after every batch and may
  /// throw. Throws Error(Fault::input) where it is no table.
  TableRows(ArrowArrayStream* stream, std::string where, const std::function<void()>& between);

  const std::string& where() const { return where_; }
  const ArrowSchema& schema() const { return *schema_.get(); }
  std::size_t columns() const { return static_cast<std::size_t>(schema_->n_children); }
  std::string name(std::size_t column) const;
  const ArrowSchema& field(std::size_t column) const { return *schema_->children[column]; }
  /// "int64", "timestamp('ns', 'UTC')": the column's type in words.
  std::string type_text(std::size_t column) const;
  std::size_t rows() const { return rows_; }
  const std::vector<std::shared_ptr<ArrowBatch>>& batches() const { return batches_; }

 private:
  std::string where_;
  nanoarrow::UniqueSchema schema_;
  std::vector<std::shared_ptr<ArrowBatch>> batches_;
  std::size_t rows_ = 0;
};

/// A schema's view; throws Error(Fault::input) naming `where` for one that is none.
ArrowSchemaView view_of(const ArrowSchema& schema, const std::string& where);

/// The array once more, without a copy: it keeps `owner` alive until it is released. With `count` >= 0 only that many
/// rows from `from` on, of a struct of its columns; what they hold is not looked at.
void share(const ArrowArray& array, const std::shared_ptr<const void>& owner, ArrowArray* out);
void share_rows(const ArrowArray& batch, std::int64_t from, std::int64_t count,
                const std::shared_ptr<const void>& owner, std::vector<nanoarrow::UniqueArray>& columns);

}  // namespace millrace
