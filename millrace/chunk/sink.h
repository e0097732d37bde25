#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "millrace/chunk/chunk.h"

namespace millrace {

/// One computed column of a block of rows, in the block's order. Exactly one of the two holds values.
struct FeatureColumn {
  std::string name;
  bool is_flag = false;
  AlignedVector<double> values;      // NaN = null
  AlignedVector<std::int8_t> flags;  // no_flag = null
};
inline constexpr std::int8_t no_flag = INT8_MIN;

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
