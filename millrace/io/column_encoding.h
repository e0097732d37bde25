#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace millrace {

enum class Codec : std::uint8_t { lz4, zstd, snappy };

/// How a column of numbers is written.
struct ColumnEncoding {
  bool is_compressed = true;
  bool is_split = false;     // byte stream split before compression
  bool has_repeats = false;  // LZ4 that looks for nothing else, see lz4_repeats.h
};

/// Chooses by compressing a sample both ways. Byte-stream-split helps full-mantissa values and hurts values that repeat
/// or lie on a tick grid; a column that does not shrink by a third is left plain, since encoding is what bounds a run.
ColumnEncoding choose_encoding(std::span<const std::byte> sample, std::size_t value_bytes, Codec codec);

}  // namespace millrace
