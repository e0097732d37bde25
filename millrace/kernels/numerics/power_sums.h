#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "millrace/kernels/kernel.h"
#include "millrace/kernels/numerics/compensated.h"

namespace millrace {

/// True where a sum of squared deviations is rounding alone (`kernels.md` 1, law 9).
inline bool is_zero_spread(double m2, double n, double mean) noexcept {
  const double unit = 16.0 * std::numeric_limits<double>::epsilon() * std::abs(mean);
  return m2 <= n * unit * unit;
}

/// Central moments of a window: sums of (x − mean)^k.
struct Moments {
  double n = 0.0, mean = 0.0, m2 = 0.0, m3 = 0.0, m4 = 0.0;
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

  Lanes terms(double x) const noexcept {
    const double d = x - shift;
    const double d2 = d * d;
    return Lanes{d, d2, powers >= 3 ? d2 * d : 0.0, powers >= 4 ? d2 * d2 : 0.0};
  }

  /// Takes in x[0]; what is more than `window` back leaves. REQUIRES: x looks back at least `window`.
  void slide(Past x, std::int64_t window) noexcept {
    if (x.count == 1) shift = x[0];
    if (x.count > static_cast<std::uint64_t>(window)) {
      sums.exchange(terms(x[0]), terms(x[window]));
    } else {
      sums.add(terms(x[0]));
    }
    const std::int64_t n = std::min<std::int64_t>(static_cast<std::int64_t>(x.count), window);
    const double inverse = 1.0 / static_cast<double>(n);
    const double offset = sums.value(0) * inverse;
    const double variance = sums.value(1) * inverse - offset * offset;
    constexpr double smallest_move = 0x1p-40;  // relative to the shift: below it moving gains nothing
    if (offset * offset > 4.0 * variance && std::abs(offset) > smallest_move * std::abs(shift)) {
      rebase(x, n, shift + offset);
    }
  }

  /// Sum of squared deviations from the mean, exactly 0 where the window is constant up to rounding.
  double m2(double n) const noexcept {
    const double s1 = sums.value(0);
    const double m2 = std::max(sums.value(1) - s1 * s1 / n, 0.0);
    return is_zero_spread(m2, n, shift + s1 / n) ? 0.0 : m2;
  }
  double offset(double n) const noexcept { return sums.value(0) / n; }  // mean − shift
  double mean(double n) const noexcept { return shift + offset(n); }

  Moments moments(double n) const noexcept {
    const double a = offset(n);
    const double s2 = sums.value(1), s3 = sums.value(2), s4 = sums.value(3);
    Moments m{.n = n, .mean = shift + a, .m2 = m2(n)};
    m.m3 = s3 - 3.0 * a * s2 + 2.0 * n * a * a * a;
    m.m4 = s4 - 4.0 * a * s3 + 6.0 * a * a * s2 - 3.0 * n * a * a * a * a;
    return m;
  }

 private:
  void rebase(Past x, std::int64_t n, double new_shift) noexcept {
    shift = new_shift;
    sums = CompensatedLanes{};
    for (std::int64_t k = n - 1; k >= 0; --k) sums.add(terms(x[k]));
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
  double spread(double origin) const noexcept { return is_zero_spread(m2, n, origin + mean) ? 0.0 : m2; }
};

}  // namespace millrace
