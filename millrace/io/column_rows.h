#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <immintrin.h>

#include "millrace/base/aligned.h"

namespace millrace {

/// One column of a row group as Parquet stores it: in the file's order, without nulls. The memory is used again.
class ColumnRows {
 public:
  std::size_t rows() const { return rows_; }
  std::size_t valid() const { return valid_; }  // how many rows are not null
  std::size_t value_bytes() const { return value_bytes_; }
  std::span<const std::byte> values() const { return {values_, valid_ * value_bytes_}; }
  std::span<const std::uint64_t> validity() const { return validity_; }  // a bit a row

  /// Takes values in the file's order. They have to stay until the column is encoded: what needs no change is not
  /// copied. `none` is null; NaN is where they are floating.
  template <class Stored, class Value>
  void take(std::span<const Value> values, Value none, bool may_be_null);

  /// Room to bring values into the file's order.
  template <class Value>
  std::span<Value> room(std::size_t rows) {
    ordered_.resize(rows * sizeof(Value));
    return {reinterpret_cast<Value*>(ordered_.data()), rows};
  }

 private:
  static constexpr std::size_t bits = 64;

  template <class Value>
  static std::uint64_t given(const Value* values, std::size_t count, Value none);
  template <class Stored, class Value>
  static Stored* put(const Value* values, std::size_t count, std::uint64_t word, Stored* out);

  std::size_t rows_ = 0, valid_ = 0, value_bytes_ = 0;
  const std::byte* values_ = nullptr;
  AlignedVector<std::uint64_t> validity_;
  AlignedVector<std::byte> ordered_, stored_;
};

/// Which of up to 64 values are not null.
template <class Value>
std::uint64_t ColumnRows::given(const Value* values, std::size_t count, Value none) {
  std::uint64_t word = 0;
  if constexpr (std::is_same_v<Value, double>) {
    for (std::size_t i = 0; count == bits && i < bits; i += 4) {
      const __m256d four = _mm256_loadu_pd(values + i);
      const int mask = _mm256_movemask_pd(_mm256_cmp_pd(four, four, _CMP_ORD_Q));
      word |= static_cast<std::uint64_t>(static_cast<unsigned>(mask)) << i;
    }
    if (count == bits) return word;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_given = std::is_floating_point_v<Value> ? values[i] == values[i] : values[i] != none;
    word |= static_cast<std::uint64_t>(is_given) << i;
  }
  return word;
}

/// Adds up to 64 values, those of `word`, behind the others.
template <class Stored, class Value>
Stored* ColumnRows::put(const Value* values, std::size_t count, std::uint64_t word, Stored* out) {
  if (word == 0) return out;
  if (word == ~std::uint64_t{0}) {
    for (std::size_t i = 0; i < bits; ++i) out[i] = static_cast<Stored>(values[i]);
    return out + bits;
  }
  for (std::size_t i = 0; i < count; ++i) {
    *out = static_cast<Stored>(values[i]);
    out += word >> i & 1U;
  }
  return out;
}

template <class Stored, class Value>
void ColumnRows::take(std::span<const Value> values, Value none, bool may_be_null) {
  rows_ = values.size();
  value_bytes_ = sizeof(Stored);
  valid_ = 0;
  validity_.resize((rows_ + bits - 1) / bits);
  if (!std::is_same_v<Stored, Value>) stored_.resize((rows_ + 1) * sizeof(Stored));  // nulls may be written behind
  auto* out = reinterpret_cast<Stored*>(stored_.data());
  for (std::size_t first = 0; first < rows_; first += bits) {
    const std::size_t count = std::min(bits, rows_ - first);
    const std::uint64_t all = ~std::uint64_t{0} >> (bits - count);
    const std::uint64_t word = may_be_null ? given(values.data() + first, count, none) : all;
    validity_[first / bits] = word;
    valid_ += static_cast<std::size_t>(std::popcount(word));
    if (!std::is_same_v<Stored, Value>) out = put(values.data() + first, count, word, out);
  }
  values_ = stored_.data();
  if (!std::is_same_v<Stored, Value>) return;
  values_ = reinterpret_cast<const std::byte*>(values.data());
  if (valid_ == rows_) return;
  stored_.resize((valid_ + 1) * sizeof(Stored));
  values_ = stored_.data();
  out = reinterpret_cast<Stored*>(stored_.data());
  for (std::size_t first = 0; first < rows_; first += bits) {
    out = put(values.data() + first, std::min(bits, rows_ - first), validity_[first / bits], out);
  }
}

}  // namespace millrace
