#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace millrace {

/// Writes LZ4 blocks in which nothing is found but values that repeat the one before. Most features are known on some
/// rows only and repeat in between; for those this takes a fifth of the time of a search, for a block that is seldom
/// much longer. Any LZ4 reads it. Format: github.com/lz4/lz4, doc/lz4_Block_format.md.
class Lz4Repeats {
 public:
  /// Looks where values of 4 or 8 bytes repeat. The values are read again by `write`.
  void look(const void* values, std::size_t count, std::size_t value_bytes);

  /// About how many bytes the values would become.
  std::size_t estimate() const { return estimate_; }

  /// Room that `write` needs behind `head_bytes` other bytes.
  std::size_t most_bytes(std::size_t head_bytes) const;

  /// A block of `head`, as it is, and the values; how many bytes it has.
  std::size_t write(std::span<const std::byte> head, std::byte* out) const;

 private:
  template <class Word>
  void mark(const Word* values);

  const std::byte* values_ = nullptr;
  std::size_t count_ = 0, value_bytes_ = 0, estimate_ = 0;
  std::vector<std::uint64_t> repeats_;  // a bit a value: it is that before it, and a match may end with it
};

}  // namespace millrace
