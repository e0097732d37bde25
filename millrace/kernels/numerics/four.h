#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <immintrin.h>

#include "millrace/market/tick.h"

namespace millrace {

/// Four numbers side by side, a register of the one instruction set: four rows of a column, or sums and products whose
/// order is written down, so that every compiler has the same bits.
using Four [[gnu::vector_size(32)]] = double;
using FourBits = decltype(Four{} < Four{});
inline constexpr std::size_t lanes = 4;

inline Four load_four(const double* from) noexcept {
  Four four;
  std::memcpy(&four, from, sizeof four);
  return four;
}
inline void store_four(double* to, Four four) noexcept { std::memcpy(to, &four, sizeof four); }
inline Four root_of(Four x) noexcept { return _mm256_sqrt_pd(x); }
inline Four larger_of(Four a, Four b) noexcept { return a > b ? a : b; }
inline bool has_at_least(Four x, double least) noexcept {
  const auto is_there = x >= least;
  return (is_there[0] | is_there[1] | is_there[2] | is_there[3]) != 0;
}

inline Four magnitude_of(Four x) noexcept {
  FourBits bits;
  std::memcpy(&bits, &x, sizeof bits);
  bits &= INT64_MAX;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}
/// As `form::finite_or_null`.
inline Four finite_or_null(Four x) noexcept {
  const Four null{no_value, no_value, no_value, no_value};
  return x - x == 0.0 ? x : null;
}
inline bool any_of(FourBits mask) noexcept {
  __m256d bits;
  std::memcpy(&bits, &mask, sizeof bits);
  return _mm256_movemask_pd(bits) != 0;
}

/// Continues a product by x^exponent, of a number or of four.
template <class V>
V times_power(V product, V x, std::uint64_t exponent) noexcept {
  for (; exponent > 0; exponent >>= 1U, x *= x) {
    if ((exponent & 1U) != 0) product *= x;
  }
  return product;
}

}  // namespace millrace
