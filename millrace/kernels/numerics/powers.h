#pragma once

#include <cmath>
#include <cstddef>

#include "millrace/kernels/kernel.h"
#include "millrace/kernels/numerics/four.h"
#include "millrace/kernels/numerics/moments.h"

namespace millrace {

/// Rows of a full window whose sums are taken before any of their values.
inline constexpr std::size_t pass_rows = 2 * block_rows;

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

/// The same for four rows.
inline FourBits are_far(Four s1, Four s2, double n, double shift, double limit) noexcept {
  const double squared = limit * limit, least = 0x1p-40 * n * std::abs(shift);
  return ((squared + 1.0) * (s1 * s1) > squared * (n * s2)) & ((s1 > least) | (-s1 > least));
}

}  // namespace millrace
