#include "millrace/io/lz4_repeats.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include <immintrin.h>

namespace millrace {

namespace {

constexpr std::size_t bits = 64;
constexpr std::size_t last_literals = 12;  // bytes: no match may start in them
constexpr std::size_t least_match = 4;
constexpr std::size_t in_token = 15;  // lengths from here on go on behind the token
constexpr std::size_t copied_at_once = 16;

/// Which of 64 values are those before them.
std::uint64_t repeats_of(const std::uint32_t* values) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bits; i += 8) {
    const __m256i these = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(values + i));
    const __m256i before = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(values + i - 1));
    const int mask = _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(these, before)));
    word |= static_cast<std::uint64_t>(static_cast<unsigned>(mask)) << i;
  }
  return word;
}

std::uint64_t repeats_of(const std::uint64_t* values) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bits; i += 4) {
    const __m256i these = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(values + i));
    const __m256i before = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(values + i - 1));
    const int mask = _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(these, before)));
    word |= static_cast<std::uint64_t>(static_cast<unsigned>(mask)) << i;
  }
  return word;
}

std::byte* put_length(std::size_t length, std::byte* out) {
  if (length < in_token) return out;
  for (length -= in_token; length >= 255; length -= 255) *out++ = std::byte{255};
  *out++ = static_cast<std::byte>(length);
  return out;
}

std::byte token_of(std::size_t literals, std::size_t match) {
  return static_cast<std::byte>(std::min(literals, in_token) << 4U | std::min(match, in_token));
}

std::byte* put_bytes(std::span<const std::byte> bytes, std::byte* out) {
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

}  // namespace

template <class Word>
void Lz4Repeats::mark(const Word* values) {
  const std::size_t most = count_ - std::min(count_, (last_literals + sizeof(Word) - 1) / sizeof(Word));
  repeats_.assign((count_ + bits - 1) / bits, 0);
  for (std::size_t first = 0; first < most; first += bits) {
    std::uint64_t& word = repeats_[first / bits];
    if (first > 0 && first + bits <= most) {
      word = repeats_of(values + first);
      continue;
    }
    for (std::size_t i = std::max<std::size_t>(first, 1); i < std::min(first + bits, most); ++i) {
      word |= static_cast<std::uint64_t>(values[i] == values[i - 1]) << (i - first);
    }
  }
}

void Lz4Repeats::look(const void* values, std::size_t count, std::size_t value_bytes) {
  assert(value_bytes == 4 || value_bytes == 8);
  values_ = static_cast<const std::byte*>(values);
  count_ = count;
  value_bytes_ = value_bytes;
  if (value_bytes == 4) {
    mark(static_cast<const std::uint32_t*>(values));
  } else {
    mark(static_cast<const std::uint64_t*>(values));
  }
  std::size_t repeated = 0, runs = 0;
  std::uint64_t before = 0;
  for (const std::uint64_t word : repeats_) {
    repeated += static_cast<std::size_t>(std::popcount(word));
    runs += static_cast<std::size_t>(std::popcount(word & ~(word << 1U | before >> (bits - 1))));
    before = word;
  }
  estimate_ = (count - repeated) * value_bytes + 3 * runs;  // a token and an offset each
}

std::size_t Lz4Repeats::most_bytes(std::size_t head_bytes) const {
  const std::size_t bytes = head_bytes + count_ * value_bytes_;
  return bytes + bytes / 255 + 2 * copied_at_once;
}

std::size_t Lz4Repeats::write(std::span<const std::byte> head, std::byte* out) const {
  std::byte* const start = out;
  const std::byte* const end = values_ + count_ * value_bytes_;
  std::size_t from = 0, repeat = 0;  // the first value that is not written yet, and the first repeat behind it
  const auto put = [&](std::size_t next) {
    const std::byte* const literals = values_ + from * value_bytes_;
    const std::size_t count = head.size() + (repeat - from) * value_bytes_;
    const std::size_t match = (next - repeat) * value_bytes_ - least_match;
    *out++ = token_of(count, match);
    if (count < in_token && head.empty() && end - literals >= static_cast<std::ptrdiff_t>(copied_at_once)) {
      std::memcpy(out, literals, copied_at_once);  // what is too much is written over
      out += count;
    } else {
      out = put_bytes(head, put_length(count, out));
      out = put_bytes({literals, count - head.size()}, out);
      head = {};
    }
    *out++ = static_cast<std::byte>(value_bytes_);  // how far back: two bytes, the lower one first
    *out++ = std::byte{0};
    out = put_length(match, out);
    from = next;
  };
  bool is_repeat = false;
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < repeats_.size(); ++i) {
    const std::uint64_t word = repeats_[i];
    for (std::uint64_t turns = word ^ (word << 1U | before >> (bits - 1)); turns != 0; turns &= turns - 1) {
      const std::size_t at = i * bits + static_cast<std::size_t>(std::countr_zero(turns));
      if (is_repeat) {
        put(at);
      } else {
        repeat = at;
      }
      is_repeat = !is_repeat;
    }
    before = word;
  }
  const std::size_t rest = head.size() + (count_ - from) * value_bytes_;
  *out++ = token_of(rest, 0);
  out = put_bytes(head, put_length(rest, out));
  out = put_bytes({values_ + from * value_bytes_, rest - head.size()}, out);
  return static_cast<std::size_t>(out - start);
}

}  // namespace millrace
