#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <immintrin.h>

#include "millrace/market/tick.h"

namespace millrace {

/// Four rows of a column in one register. What a kernel does to each row alone is done to four at once, with the bits
/// of one at a time.
using Lanes = double __attribute__((vector_size(32)));
using LaneMask = decltype(Lanes{} < Lanes{});

inline constexpr std::size_t lanes = 4;

inline Lanes load_lanes(const double* from) noexcept {
  Lanes values;
  std::memcpy(&values, from, sizeof values);
  return values;
}
inline void store_lanes(double* to, const Lanes& values) noexcept { std::memcpy(to, &values, sizeof values); }

/// An average that moves by `share` of the way to each row in turn; its values after each.
inline Lanes follow_rows(double& average, const Lanes& x, double share) noexcept {
  const double a = average + share * (x[0] - average), b = a + share * (x[1] - a), c = b + share * (x[2] - b);
  average = c + share * (x[3] - c);
  return Lanes{a, b, c, average};
}

/// As `std::max`, `std::abs`.
inline Lanes greater(const Lanes& a, const Lanes& b) noexcept { return a < b ? b : a; }
inline Lanes magnitude(const Lanes& x) noexcept {
  const auto bits = reinterpret_cast<LaneMask>(x) & INT64_MAX;
  return reinterpret_cast<Lanes>(bits);
}

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
