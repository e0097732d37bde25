#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstring>

#include "millrace/market/tick.h"

namespace millrace {

/// Four rows of a column in one register. What a kernel does to each row alone is done to four at once, with the bits of
/// one at a time.
using Lanes = double __attribute__((vector_size(32)));
using LaneMask = decltype(Lanes{} < Lanes{});

inline constexpr std::size_t lanes = 4;

inline Lanes load_lanes(const double* from) noexcept {
  Lanes values;
  std::memcpy(&values, from, sizeof values);
  return values;
}
inline void store_lanes(double* to, const Lanes& values) noexcept { std::memcpy(to, &values, sizeof values); }

/// As `form::finite_or_null`.
inline Lanes finite_or_null(const Lanes& x) noexcept {
  const Lanes null{no_value, no_value, no_value, no_value};
  return x - x == 0.0 ? x : null;
}

inline bool any_of(const LaneMask& mask) noexcept {
  __m256d bits;
  std::memcpy(&bits, &mask, sizeof bits);
  return _mm256_movemask_pd(bits) != 0;
}

}  // namespace millrace
