#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "millrace/chunk/chunk.h"

namespace millrace {

enum class ValueType : std::uint8_t {
  number,  // double
  flag,    // int8
  time,    // int64 ns since 1970
  span,    // int64 ns
  id,      // 64 bits of a venue's number
};

constexpr bool is_integer(ValueType type) { return type >= ValueType::time; }

inline constexpr std::int8_t no_flag = INT8_MIN;

/// One computed column of a block of rows, in the block's order. Exactly one of the three holds values.
struct FeatureColumn {
  std::string name;
  ValueType type = ValueType::number;
  AlignedVector<double> values;      // of numbers; NaN = null
  AlignedVector<std::int8_t> flags;  // no_flag = null
  AlignedVector<Nanos> integers;     // of the others; no_time = null

  /// The value as a number, whatever its type; NaN = null. Times lose what a double cannot hold.
  double number(std::size_t row) const {
    if (type == ValueType::number) return values[row];
    if (type == ValueType::flag) return flags[row] == no_flag ? no_value : static_cast<double>(flags[row]);
    return integers[row] == no_time ? no_value : static_cast<double>(integers[row]);
  }
};

/// Features of one chunk. Row i belongs to row `order[i]` of the chunk.
struct FeatureBlock {
  std::vector<std::uint32_t> order;
  std::vector<FeatureColumn> columns;
};

/// Key and value pairs that say where a file comes from.
using Provenance = std::vector<std::pair<std::string, std::string>>;

/// Takes rows; the first chunk, which may be empty, names the columns. What it writes appears under its name only when
/// `close` succeeds; without it nothing is left behind.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void write(const Chunk& chunk, const FeatureBlock& features) = 0;
  virtual void close(const Provenance& provenance) = 0;
};

}  // namespace millrace
