#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "millrace/chunk/chunk.h"
#include "millrace/io/layout.h"
#include "millrace/io/text_codes.h"

namespace millrace {

/// What the values of a column are in memory. `nothing` has no values but nulls, `other` is read by no field.
enum class Stored : std::uint8_t { nothing, f64, f32, i64, u64, i32, u32, i16, u16, i8, u8, timestamp, text, other };

/// Rows of a column where they lie, whoever owns them: Arrow's buffers without Arrow.
struct ColumnValues {
  Stored stored = Stored::nothing;
  std::size_t rows = 0;
  const void* values = nullptr;         // of the first row; texts have none
  const std::uint8_t* valid = nullptr;  // a bit for each row, the lowest first; nullptr = every row has a value
  std::size_t valid_at = 0;             // bit of the first row
  Nanos unit = 0;                       // of a timestamp
  const TextCodes* texts = nullptr;     // of a text

  bool is_null(std::size_t row) const noexcept {
    const std::size_t bit = valid_at + row;
    return valid != nullptr && (valid[bit / 8] >> (bit % 8) & 1U) == 0;
  }

  /// Bits of the eight rows from `row` on. REQUIRES: `valid`, and that they are rows.
  unsigned valid_eight(std::size_t row) const noexcept {
    const std::size_t bit = valid_at + row;
    const unsigned low = valid[bit / 8];
    return bit % 8 == 0 ? low : (low >> (bit % 8) | static_cast<unsigned>(valid[bit / 8 + 1]) << (8 - bit % 8)) & 255U;
  }
};

/// Where the rows of a column go.
struct RowTarget {
  Chunk& chunk;
  std::size_t at = 0;               // first row
  std::vector<std::uint8_t>& keep;  // by row of the chunk; 0 = counted and to be dropped
  Ledger& ledger;
};

/// What `field` may be stored as, in words; empty where `stored` is such.
std::string_view expected_type(const Field& field, Stored stored, bool has_text_numbers);

/// Fills the field's column: null becomes "no value", a value that is no observation +inf, and what a column of
/// integers or times cannot hold is counted. A day change lands in open_24h.
/// REQUIRES: `expected_type` had no objection; the chunk has the rows.
void read_column(const ColumnValues& values, const Field& field, RowTarget target);

}  // namespace millrace
