#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "millrace/kernels/numerics/four.h"

namespace millrace {

/// Sums over the last w rows for a small w: taken anew on every row, as a tree of additions that depends on w alone.
/// What has left a window has left its sum, nothing drifts, and there is no state but the history.
///
/// The tree: every fourth row, newest first, the first four of them and each four after in pairs; then these four sums.
/// Four rows are computed at once, and share all but the last step.
///
/// `Terms` are what is summed, `count` kinds at once: `terms.four(i)` of the rows i … i + 3 and `terms.one(i)` of row
/// i, both as arrays of `count`.
template <class Terms>
class ShortSums {
 public:
  static constexpr std::size_t count = Terms::count;
  using Sums = std::array<double, count>;
  using FourSums = std::array<Four, count>;

  ShortSums(Terms terms, std::int64_t window) noexcept : terms_(terms), quads_(window / 4), rest_(window % 4) {}

  /// Of the window that ends with `row`. REQUIRES: the rows back to row - window + 1.
  Sums at(std::int64_t row) const noexcept {
    const FourSums quads = of_quads(row - 3);
    std::array<Sums, 3> oldest{};
    for (std::int64_t k = 0; k < rest_; ++k) oldest[static_cast<std::size_t>(k)] = terms_.one(row - k - 4 * quads_);
    Sums sums;
    for (std::size_t c = 0; c < count; ++c) {
      const Four f = quads[c];  // the oldest row first
      const double a = rest_ > 0 ? f[3] + oldest[0][c] : f[3], b = rest_ > 1 ? f[2] + oldest[1][c] : f[2];
      sums[c] = (a + (rest_ > 2 ? f[1] + oldest[2][c] : f[1])) + (b + f[0]);
    }
    return sums;
  }
  /// Of the windows that end with the rows 0 … rows - 1, by kind. REQUIRES: the rows back to -window.
  void all(std::size_t rows, const std::array<double*, count>& out) const noexcept {
    const ShortSums own = *this;  // what is stored cannot change it
    switch (rest_) {
      case 0: own.template fours<0>(rows, out); break;
      case 1: own.template fours<1>(rows, out); break;
      case 2: own.template fours<2>(rows, out); break;
      default: own.template fours<3>(rows, out); break;
    }
    for (std::size_t row = rows / lanes * lanes; row < rows; ++row) {
      const Sums sums = at(static_cast<std::int64_t>(row));
      for (std::size_t c = 0; c < count; ++c) out[c][row] = sums[c];
    }
  }

 private:
  [[gnu::always_inline]] static FourSums sum_of(const FourSums& a, const FourSums& b) noexcept {
    FourSums sums;
    for (std::size_t c = 0; c < count; ++c) sums[c] = a[c] + b[c];
    return sums;
  }
  [[gnu::always_inline]] FourSums pairs(std::int64_t i) const noexcept {
    return sum_of(sum_of(terms_.four(i), terms_.four(i - 4)), sum_of(terms_.four(i - 8), terms_.four(i - 12)));
  }
  /// Of every fourth row from i back, `quads_` of them; and of the three rows behind i.
  [[gnu::always_inline]] FourSums of_quads(std::int64_t i) const noexcept {
    if (quads_ == 0) return FourSums{};
    std::int64_t k = quads_ < 4 ? 1 : 4;
    FourSums sums = quads_ < 4 ? terms_.four(i) : pairs(i);
    for (; k + 4 <= quads_; k += 4) sums = sum_of(sums, pairs(i - 4 * k));
    for (; k < quads_; ++k) sums = sum_of(sums, terms_.four(i - 4 * k));
    return sums;
  }
  template <std::int64_t rest>
  [[gnu::always_inline]] void fours(std::size_t rows, const std::array<double*, count>& out) const noexcept {
    fours<rest>(rows, out, std::make_index_sequence<count>());
  }
  template <std::int64_t rest, std::size_t... kinds>
  [[gnu::always_inline]] void fours(std::size_t rows, const std::array<double*, count> out,
                                    std::index_sequence<kinds...>) const noexcept {
    FourSums before = of_quads(-4);
    for (std::int64_t i = 0; i + 4 <= static_cast<std::int64_t>(rows); i += 4) {
      const FourSums now = of_quads(i);
      std::array<FourSums, 3> oldest{};
      for (std::int64_t k = 0; k < rest; ++k) oldest[static_cast<std::size_t>(k)] = terms_.four(i - k - 4 * quads_);
      const auto whole = [&](std::size_t c) {
        const Four two = _mm256_permute2f128_pd(before[c], now[c], 0x21);  // rows before
        const Four one = _mm256_shuffle_pd(two, now[c], 0b0101), three = _mm256_shuffle_pd(before[c], two, 0b0101);
        const Four a = rest > 0 ? now[c] + oldest[0][c] : now[c], b = rest > 1 ? one + oldest[1][c] : one;
        return (a + (rest > 2 ? two + oldest[2][c] : two)) + (b + three);
      };
      (store_four(out[kinds] + i, whole(kinds)), ...);
      ((before[kinds] = now[kinds]), ...);  // in registers, as a copy of the array would not be
    }
  }

  Terms terms_;
  std::int64_t quads_, rest_;
};

/// A window of at most so many rows is summed anew: more are costly row by row.
inline constexpr std::int64_t most_short_rows = 32;

/// x - origin.
struct DistanceTerms {
  static constexpr std::size_t count = 1;
  const double* x;
  double origin;

  std::array<Four, 1> four(std::int64_t i) const noexcept { return {load_four(x + i) - origin}; }
  std::array<double, 1> one(std::int64_t i) const noexcept { return {x[i] - origin}; }
};

}  // namespace millrace
