#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace millrace {

/// Random numbers that are the same bits in every build: xoshiro256++ (Blackman, Vigna 2019, ACM TOMS 47), arithmetic
/// and a polynomial; nothing of libm or of the standard library's distributions.
class Random {
 public:
  explicit Random(std::uint64_t seed) {
    for (std::uint64_t& word : words_) {  // splitmix64 (Steele, Lea, Flood 2014, OOPSLA)
      seed += 0x9e3779b97f4a7c15U;
      std::uint64_t mixed = seed;
      mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
      mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
      word = mixed ^ (mixed >> 31U);
    }
  }

  std::uint64_t bits() {
    const std::uint64_t result = std::rotl(words_[0] + words_[3], 23) + words_[0];
    const std::uint64_t shifted = words_[1] << 17U;
    words_[2] ^= words_[0];
    words_[3] ^= words_[1];
    words_[1] ^= words_[2];
    words_[0] ^= words_[3];
    words_[2] ^= shifted;
    words_[3] = std::rotl(words_[3], 45);
    return result;
  }

  /// From 0 to below 1.
  double uniform() { return static_cast<double>(static_cast<std::int64_t>(bits() >> 11U)) * 0x1p-53; }

  /// Mean 0, variance 1, never beyond ±3.5: the sum of four uniform parts.
  double gaussian() {
    const std::uint64_t word = bits();
    const auto sum = static_cast<std::int64_t>((word & 0xffffU) + ((word >> 16U) & 0xffffU) +
                                               ((word >> 32U) & 0xffffU) + (word >> 48U));
    constexpr double scale = 1.7320508075688772 / 65'536.0;  // sqrt(3): four parts of variance 1/12
    return (static_cast<double>(sum) - 131'070.0) * scale;
  }

  /// Mean 1.
  double exponential() { return -log_of(1.0 - uniform()); }

  /// Median 1; `sigma` is the deviation of its logarithm, at most 10.
  double lognormal(double sigma) { return exp_of(sigma * gaussian()); }

 private:
  /// e^x for |x| below 700, to 1e-12: 2^k e^r, r within half a ln 2, by its series.
  static double exp_of(double x) {
    constexpr double ln2 = 0.6931471805599453;
    const double power = x / ln2;
    const auto k = static_cast<std::int64_t>(power + (power < 0.0 ? -0.5 : 0.5));
    const double r = x - static_cast<double>(k) * ln2;
    double series = 1.0;
    for (double n = 12.0; n > 0.0; --n) series = 1.0 + r / n * series;
    return series * std::bit_cast<double>(static_cast<std::uint64_t>(k + 1023) << 52U);
  }

  /// Natural logarithm of a normal number above 0, to 1e-11: 2 artanh(s), s = (m - 1) / (m + 1), m in [0.7, 1.41).
  static double log_of(double x) {
    constexpr double ln2 = 0.6931471805599453;
    const auto word = std::bit_cast<std::uint64_t>(x) - 0x3fe6'a09e'0000'0000U;
    const std::int64_t exponent = std::bit_cast<std::int64_t>(word) >> 52U;
    const double m = std::bit_cast<double>((word & 0x000f'ffff'ffff'ffffU) + 0x3fe6'a09e'0000'0000U);
    const double s = (m - 1.0) / (m + 1.0);
    const double q = s * s;
    const double series = 1.0 + q * (1.0 / 3 + q * (1.0 / 5 + q * (1.0 / 7 + q * (1.0 / 9 + q * (1.0 / 11)))));
    return static_cast<double>(exponent) * ln2 + 2.0 * s * series;
  }

  std::array<std::uint64_t, 4> words_{};
};

}  // namespace millrace
