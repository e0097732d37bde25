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

/// Central moments of a window: sums of (x − mean)^k, and the mean itself, as `shift` + `offset`.
struct Moments {
  double n = 0.0, offset = 0.0, mean = 0.0, m2 = 0.0;
};

/// Power sums of the last w observations about a shift near their mean, up to the power `powers` (2, 3 or 4).
///
/// A term is rounded once; the same number enters and leaves, and the sums are compensated, so nothing drifts. The shift is
/// moved, and the sums taken anew from the window, when the mean is more than two standard deviations away from it: then
/// the step from power sums to central moments loses at most a few bits, on a jump of the price too.
template <int powers>
struct PowerSums {
  using Lanes = CompensatedLanes::Lanes;
  double shift = 0.0;
  CompensatedLanes sums;

  /// Takes in x[0]; what is more than `window` back leaves. REQUIRES: x looks back at least `window`.
  void slide(Past x, std::int64_t window) noexcept {
    const auto count = static_cast<std::int64_t>(x.count);
    if (count > window) {
      sums.exchange(terms(x[0], shift), terms(x[window], shift));
    } else {
      if (count == 1) shift = x[0];
      sums.add(terms(x[0], shift));
    }
    const std::int64_t n = std::min(count, window);
    const Moments m = moments(static_cast<double>(n));
    constexpr double smallest_move = 0x1p-40;  // relative to the shift: below it moving gains nothing
    if (m.offset * m.offset * m.n > 4.0 * m.m2 && std::abs(m.offset) > smallest_move * std::abs(shift)) {
      *this = about(m.mean, x, n);
    }
  }

  /// The sum of squares is exactly 0 where the window is constant up to rounding.
  Moments moments(double n) const noexcept {
    const double s1 = sums.value(0);
    Moments m{.n = n, .offset = s1 * (1.0 / n)};
    m.mean = shift + m.offset;
    m.m2 = std::max(sums.value(1) - s1 * m.offset, 0.0);
    if (is_zero_spread(m.m2, n, m.mean)) m.m2 = 0.0;
    return m;
  }
  double m3(const Moments& m) const noexcept {
    const double a = m.offset;
    return sums.value(2) - a * (3.0 * sums.value(1) - 2.0 * m.n * a * a);
  }
  double m4(const Moments& m) const noexcept {
    const double a = m.offset;
    return sums.value(3) - a * (4.0 * sums.value(2) - a * (6.0 * sums.value(1) - 3.0 * m.n * a * a));
  }

 private:
  static Lanes terms(double x, double shift) noexcept {
    const double d = x - shift;
    const double d2 = d * d;
    return Lanes{d, d2, powers >= 3 ? d2 * d : 0.0, powers >= 4 ? d2 * d2 : 0.0};
  }
  /// The sums of the last n observations anew.
  [[gnu::noinline]] static PowerSums about(double shift, Past x, std::int64_t n) noexcept {
    PowerSums fresh{.shift = shift, .sums = {}};
    for (std::int64_t k = n - 1; k >= 0; --k) fresh.sums.add(terms(x[k], shift));
    return fresh;
  }
};

/// Mean and spread of one bucket or of several merged ones, about a common origin (Chan, Golub, LeVeque 1983).
struct BucketMoments {
  double n = 0.0, mean = 0.0, m2 = 0.0;  // mean is about the origin

  void add(double d) noexcept {
    n += 1.0;
    const double delta = d - mean;
    mean += delta / n;
    m2 += delta * (d - mean);
  }
  void merge(const BucketMoments& newer) noexcept {
    if (newer.n == 0.0) return;
    if (n == 0.0) {
      *this = newer;
      return;
    }
    const double total = n + newer.n;
    const double delta = newer.mean - mean;
    mean += delta * newer.n / total;
    m2 += newer.m2 + delta * delta * n * newer.n / total;
    n = total;
  }
  Moments moments(double origin) const noexcept {
    return {.n = n, .offset = mean, .mean = origin + mean, .m2 = is_zero_spread(m2, n, origin + mean) ? 0.0 : m2};
  }
};

}  // namespace millrace
