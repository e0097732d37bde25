#pragma once

#include <span>
#include <string>
#include <vector>

#include "millrace/python/table_rows.h"

namespace millrace {

/// Takes rows of a table's columns by their places, in any order and as often as wanted.
class RowGather {
 public:
  /// Throws Error(Fault::input) naming the column where its type cannot be taken row by row. REQUIRES: `table` outlives
  /// this.
  RowGather(const TableRows& table, std::size_t column);

  /// The type of what is taken: that of the column, but for dictionaries that differ from batch to batch, whose words
  /// are put into one.
  void schema(ArrowSchema* out) const;

  /// One value for each place; none where there is no row.
  void take(std::span<const RowPlace> places, ArrowArray* out) const;

 private:
  void take_fixed(std::span<const RowPlace> places, ArrowArray* out) const;
  void take_bits(std::span<const RowPlace> places, ArrowArray* out) const;
  void take_texts(std::span<const RowPlace> places, ArrowArray* out) const;
  void take_words(std::span<const RowPlace> places, ArrowArray* out) const;
  void take_dictionary(ArrowArray* out) const;
  void set_validity(std::span<const RowPlace> places, ArrowArray* out) const;
  bool has_value(const RowPlace& place) const;
  bool have_one_dictionary() const;
  void merge_dictionaries();
  void check(ArrowErrorCode code) const;

  std::string where_;
  const ArrowSchema& field_;
  std::vector<std::shared_ptr<ArrowBatch>> batches_;
  std::vector<const ArrowArrayView*> views_;  // by batch
  bool has_nulls_ = false;
  ArrowType type_ = NANOARROW_TYPE_UNINITIALIZED;   // of what is stored
  std::int64_t width_ = 0;                          // bytes; 0: bits or texts
  std::shared_ptr<nanoarrow::UniqueArray> words_;   // of dictionaries that were merged
  std::vector<std::vector<std::int32_t>> word_of_;  // by batch and its own word
};

}  // namespace millrace
