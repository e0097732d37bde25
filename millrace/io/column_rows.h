#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

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
  std::uint64_t given(const Value* values, std::size_t count, Value none);

  std::size_t rows_ = 0, valid_ = 0, value_bytes_ = 0;
  const std::byte* values_ = nullptr;
  AlignedVector<std::uint64_t> validity_;
  AlignedVector<std::byte> ordered_, stored_;
};

/// Which of 64 numbers are not NaN.
std::uint64_t numbers_among(const double* values);

/// Which of up to 64 values are not null.
template <class Value>
std::uint64_t ColumnRows::given(const Value* values, std::size_t count, Value none) {
  if constexpr (std::is_same_v<Value, double>) {
    if (count == bits) return numbers_among(values);
  }
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_given = std::is_floating_point_v<Value> ? values[i] == values[i] : values[i] != none;
    word |= static_cast<std::uint64_t>(is_given) << i;
  }
  return word;
}

template <class Stored, class Value>
void ColumnRows::take(std::span<const Value> values, Value none, bool may_be_null) {
  rows_ = values.size();
  value_bytes_ = sizeof(Stored);
  valid_ = 0;
  validity_.resize((rows_ + bits - 1) / bits);
  for (std::size_t first = 0; first < rows_; first += bits) {
    const std::size_t count = std::min(bits, rows_ - first);
    const std::uint64_t all = ~std::uint64_t{0} >> (bits - count);
    validity_[first / bits] = may_be_null ? given(values.data() + first, count, none) : all;
    valid_ += static_cast<std::size_t>(std::popcount(validity_[first / bits]));
  }
  values_ = reinterpret_cast<const std::byte*>(values.data());
  if (std::is_same_v<Stored, Value> && valid_ == rows_) return;
  stored_.resize((valid_ + 1) * sizeof(Stored));  // a null may be written behind the last value
  values_ = stored_.data();
  auto* out = reinterpret_cast<Stored*>(stored_.data());
  for (std::size_t first = 0; first < rows_; first += bits) {
    const std::size_t count = std::min(bits, rows_ - first);
    const Value* from = values.data() + first;
    const std::uint64_t word = validity_[first / bits];
    if (word == 0) continue;
    if (word == ~std::uint64_t{0} >> (bits - count)) {
      for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<Stored>(from[i]);
      out += count;
      continue;
    }
    for (std::size_t i = 0; i < count; ++i) {
      *out = static_cast<Stored>(from[i]);
      out += word >> i & 1U;
    }
  }
}

}  // namespace millrace
