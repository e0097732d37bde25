#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "millrace/kernels/kernel.h"
#include "millrace/kernels/numerics/compensated.h"

namespace millrace {

/// True where a sum of squared deviations is rounding alone (`kernels.md` 1, law 9).
inline bool is_zero_spread(double m2, double n, double mean) noexcept {
  const double unit = 16.0 * std::numeric_limits<double>::epsilon() * mean;
  return m2 <= n * unit * unit;
}

/// The same for an exponential variance.
inline bool is_zero_variance(double variance, double mean) noexcept { return is_zero_spread(variance, 1.0, mean); }

/// Central moments of a window: its mean as `shift` + `offset`, and the sum of squares about it.
struct Moments {
  double n = 0.0, offset = 0.0, mean = 0.0, m2 = 0.0;
};

/// The sums of (x − shift)^k of one window, k = 1 … 4.
struct Powers {
  double shift, s1, s2, s3, s4;

  /// The sum of squares is exactly 0 where the window is constant up to rounding.
  Moments moments(double n) const noexcept {
    const double offset = s1 * (1.0 / n), mean = shift + offset;
    const double m2 = s2 - s1 * offset;
    return {.n = n, .offset = offset, .mean = mean, .m2 = is_zero_spread(m2, n, mean) ? 0.0 : m2};
  }
  double m3(const Moments& m) const noexcept { return s3 - m.offset * (3.0 * s2 - 2.0 * m.n * m.offset * m.offset); }
  double m4(const Moments& m) const noexcept {
    const double a = m.offset;
    return s4 - a * (4.0 * s3 - a * (6.0 * s2 - 3.0 * m.n * a * a));
  }
};

/// True where the mean is more than `limit` standard deviations from the shift, so that moving the shift gains bits.
inline bool is_far(double s1, double s2, double n, double shift, double limit) noexcept {
  const double squared = limit * limit;
  return (squared + 1.0) * (s1 * s1) > squared * (n * s2) && std::abs(s1) > 0x1p-40 * n * std::abs(shift);
}

/// Power sums of the last w observations about a shift near their mean, up to the power `powers` (2, 3 or 4).
///
/// A term is rounded once; the same number enters and leaves, and the sums are compensated, so nothing drifts. The
/// shift is moved, and the sums taken anew from the window, when the mean is too far away from it: then the step from
/// power sums to central moments loses at most about six bits, on a jump of the price too.
template <int powers>
struct PowerSums {
  static constexpr double farthest = powers == 2 ? 8.0 : 2.0;  // standard deviations
  using Lanes = CompensatedLanes::Lanes;
  double shift = 0.0;
  CompensatedLanes sums;

  /// Takes in x[0]; what is more than `window` back leaves. REQUIRES: x looks back at least `window`.
  void slide(Past x, std::int64_t window) noexcept {
    const auto count = static_cast<std::int64_t>(x.count);
    auto held = sums.held();
    if (count > window) {
      held.exchange(terms(x[0], shift), terms(x[window], shift));
    } else {
      if (count == 1) shift = x[0];
      held.add(terms(x[0], shift));
    }
    sums.hold(held);
    const std::int64_t rows = std::min(count, window);
    const auto n = static_cast<double>(rows);
    if (is_far(sums.value(0), sums.value(1), n, shift, farthest)) *this = about(shift + sums.value(0) / n, x, rows);
  }

  /// `slide` for the rows of a full window at x, x + 1, …, with the sums in registers; keeps them from before or after
  /// each.
  struct ByRow {
    alignas(32) double sums[block_rows][4];
    double shift[block_rows];

    void keep(std::size_t row, Lanes value, double about) noexcept {
      std::memcpy(sums[row], &value, sizeof value);
      shift[row] = about;
    }
    Powers operator[](std::size_t i) const noexcept {
      return {shift[i], sums[i][0], sums[i][1], sums[i][2], sums[i][3]};
    }
  };
  void slide_all(const double* x, std::size_t rows, std::int64_t window, bool keeps_before, ByRow& kept) noexcept {
    PowerSums s = *this;
    auto held = s.sums.held();
    double shift_now = s.shift;
    const auto n = static_cast<double>(window);
    for (std::size_t row = 0; row < rows; ++row) {
      if (keeps_before) kept.keep(row, held.value(), shift_now);
      held.exchange(terms(x[row], shift_now), terms(x[static_cast<std::int64_t>(row) - window], shift_now));
      const Lanes value = held.value();
      if (is_far(value[0], value[1], n, shift_now, farthest)) {
        s = about(shift_now + value[0] / n, Past{x + row, static_cast<std::uint64_t>(window)}, window);
        held = s.sums.held();
        shift_now = s.shift;
      }
      if (!keeps_before) kept.keep(row, held.value(), shift_now);
    }
    s.sums.hold(held);
    *this = s;
  }

  Powers now() const noexcept { return {shift, sums.value(0), sums.value(1), sums.value(2), sums.value(3)}; }

 private:
  static Lanes terms(double x, double shift) noexcept {
    const double d = x - shift;
    const double d2 = d * d;
    return Lanes{d, d2, powers >= 3 ? d2 * d : 0.0, powers >= 4 ? d2 * d2 : 0.0};
  }
  /// The sums of the last n observations anew.
  [[gnu::noinline]] static PowerSums about(double shift, Past x, std::int64_t n) noexcept {
    PowerSums fresh{.shift = shift, .sums = {}};
    auto held = fresh.sums.held();
    for (std::int64_t k = n - 1; k >= 0; --k) held.add(terms(x[k], shift));
    fresh.sums.hold(held);
    return fresh;
  }
};

/// Mean and spread of one bucket or of several merged ones, about a common origin (Chan, Golub, LeVeque 1983).
struct BucketMoments {
  double n = 0.0, mean = 0.0, m2 = 0.0;  // mean is about the origin

  void add(double d) noexcept {
    n += 1.0;
    const double delta = d - mean;
    mean += delta * (1.0 / n);  // the division waits for nothing
    m2 += delta * (d - mean);
  }
  void merge(const BucketMoments& newer) noexcept {
    if (newer.n == 0.0) return;
    if (n == 0.0) {
      *this = newer;
      return;
    }
    const double total = n + newer.n;
    const double share = newer.n / total;
    const double delta = newer.mean - mean;
    mean += delta * share;
    m2 += newer.m2 + delta * delta * (n * share);
    n = total;
  }
  Moments moments(double origin) const noexcept {
    return {.n = n, .offset = mean, .mean = origin + mean, .m2 = is_zero_spread(m2, n, origin + mean) ? 0.0 : m2};
  }
};

}  // namespace millrace
