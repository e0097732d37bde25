#pragma once

#include <cstdint>

namespace millrace {

/// Sizes that are hard to recognise and easy to repeat: u_i is the i-th number (from 0) of splitmix64(seed) (Steele,
/// Lea, Flood 2014, OOPSLA), from 0 to below 1.
struct Jitter {
  double jitter = 0.0;  // share of the size, 0 <= jitter < 1
  std::int64_t seed = 0;

  static std::uint64_t bits(std::uint64_t seed, std::uint64_t i) noexcept {
    std::uint64_t mixed = seed + (i + 1) * 0x9e3779b97f4a7c15U;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
  }
  static double uniform(std::int64_t seed, std::int64_t i) noexcept {
    return static_cast<double>(bits(static_cast<std::uint64_t>(seed), static_cast<std::uint64_t>(i)) >> 11U) * 0x1p-53;
  }
  /// The i-th size.
  double of(double size, std::int64_t i) const noexcept {
    return jitter == 0.0 ? size : size * (1.0 + jitter * (2.0 * uniform(seed, i) - 1.0));
  }
};

}  // namespace millrace
