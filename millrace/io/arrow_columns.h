#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "millrace/chunk/chunk.h"
#include "millrace/io/layout.h"

namespace millrace {

/// Where the rows of an Arrow array go.
struct RowTarget {
  Chunk& chunk;
  std::size_t at = 0;               // first row
  std::vector<std::uint8_t>& keep;  // by row of the chunk; 0 = counted and to be dropped
  Ledger& ledger;
};

/// What `field` may look like in Arrow, in words; empty where `type` is such.
std::string_view expected_type(const Field& field, const arrow::DataType& type, bool has_text_numbers);

/// Fills the field's column from `array`: null becomes "no value", a value that is no observation +inf, and what a
/// column of integers or times cannot hold is counted. A day change lands in open_24h.
/// REQUIRES: `expected_type` had no objection; the chunk has the rows.
void read_column(const arrow::Array& array, const Field& field, RowTarget target);

/// The text in each row of an array as numbers of the distinct texts. The texts live as long as the array.
struct TextCodes {
  std::vector<std::int32_t> codes;  // -1 = null
  std::vector<std::string_view> texts;
};
void read_texts(const arrow::Array& array, TextCodes& out);

}  // namespace millrace
