#pragma once

#include <cmath>

namespace millrace {

/// ln(p/q), p, q > 0, to the last bits also where p and q are neighbours: p − q is exact there, p/q is not.
///
/// Within 1/16 of q by the series of 2·artanh(s), s = u/(2+u), u = (p−q)/q, whose next term is below 2^-60 of the sum;
/// the loop over it vectorises and its bits do not depend on a libm. Beyond, by the library's log1p.
inline double near_log1p(double u) noexcept {
  const double s = u / (2.0 + u);
  const double z = s * s;
  double sum = 1.0 / 13.0;
  sum = sum * z + 1.0 / 11.0;
  sum = sum * z + 1.0 / 9.0;
  sum = sum * z + 1.0 / 7.0;
  sum = sum * z + 1.0 / 5.0;
  sum = sum * z + 1.0 / 3.0;
  return 2.0 * s + 2.0 * s * (z * sum);
}
inline double near_log_ratio(double p, double q) noexcept { return near_log1p((p - q) / q); }

inline bool is_near(double p, double q) noexcept { return std::abs(p - q) <= 0.0625 * q; }

inline double log_ratio(double p, double q) noexcept {
  if (is_near(p, q)) return near_log_ratio(p, q);
  return std::log1p((p - q) / q);
}

/// ln((q + d)/q), q > 0, for a difference that is known better than its end.
inline double log_growth(double d, double q) noexcept {
  return std::abs(d) <= 0.0625 * q ? near_log1p(d / q) : std::log1p(d / q);
}

}  // namespace millrace
