#include "millrace/io/column_encoding.h"

#include <algorithm>
#include <vector>

#include <arrow/util/compression.h>

#include "millrace/io/arrow_codec.h"
#include "millrace/io/arrow_result.h"
#include "millrace/io/lz4_repeats.h"

namespace millrace {

namespace {

std::vector<std::uint8_t> byte_stream_split(std::span<const std::byte> values, std::size_t value_bytes) {
  const std::size_t count = values.size() / value_bytes;
  std::vector<std::uint8_t> split(values.size());
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t b = 0; b < value_bytes; ++b)
      split[b * count + i] = static_cast<std::uint8_t>(values[i * value_bytes + b]);
  }
  return split;
}

double repeats_ratio(std::span<const std::byte> values, std::size_t value_bytes) {
  Lz4Repeats repeats;
  repeats.look(values.data(), values.size() / value_bytes, value_bytes);
  return static_cast<double>(repeats.estimate()) / static_cast<double>(values.size());
}

}  // namespace

ColumnEncoding choose_encoding(std::span<const std::byte> sample, std::size_t value_bytes, Codec codec) {
  constexpr std::size_t longest_sample = 64 * 1024;  // bytes; from the middle, where kernels are warm
  if (sample.size() > longest_sample) {
    const std::size_t start = (sample.size() - longest_sample) / 2 / value_bytes * value_bytes;
    sample = sample.subspan(start, longest_sample);
  }
  if (sample.empty()) return {};
  const auto compressor = take(arrow::util::Codec::Create(arrow_codec(codec)), Fault::output, "codec");
  std::vector<std::uint8_t> room(
      static_cast<std::size_t>(compressor->MaxCompressedLen(static_cast<std::int64_t>(sample.size()), nullptr)));
  const auto ratio = [&](const std::uint8_t* bytes) {
    const std::int64_t size = take(compressor->Compress(static_cast<std::int64_t>(sample.size()), bytes,
                                                        static_cast<std::int64_t>(room.size()), room.data()),
                                   Fault::output, "codec");
    return static_cast<double>(size) / static_cast<double>(sample.size());
  };
  const double plain = ratio(reinterpret_cast<const std::uint8_t*>(sample.data()));
  const double split = ratio(byte_stream_split(sample, value_bytes).data());
  const double repeats = codec == Codec::lz4 ? repeats_ratio(sample, value_bytes) : 1.0;
  constexpr double worth_compressing = 2.0 / 3.0, worth_splitting = 0.9, worth_searching = 0.8;
  const double best = std::min(plain, split);
  const bool has_repeats = repeats < worth_compressing && best > repeats * worth_searching;
  return {.is_compressed = has_repeats || best < worth_compressing,
          .is_split = !has_repeats && split < plain * worth_splitting,
          .has_repeats = has_repeats};
}

}  // namespace millrace
