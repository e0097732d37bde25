#pragma once

#include <cmath>

namespace millrace {

namespace normal {
// Wichura (1988), algorithm AS 241, Applied Statistics 37, 477-484: numerators and denominators of its three ranges.
inline constexpr double central_over[8]{2509.0809287301227, 33430.57558358813,  67265.7709270087,   45921.95393154987,
                                        13731.69376550946,  1971.5909503065513, 133.14166789178438, 3.3871328727963665};
inline constexpr double central_under[8]{5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597,
                                         5394.196021424751, 687.1870074920579,  42.31333070160091, 1.0};
inline constexpr double middle_over[8]{0.0007745450142783414, 0.022723844989269184, 0.2417807251774506,
                                       1.2704582524523684,    3.6478483247632045,   5.769497221460691,
                                       4.630337846156546,     1.4234371107496835};
inline constexpr double middle_under[8]{
    1.0507500716444169e-09, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008,
    0.6897673349851,        1.6763848301838038,    2.053191626637759,    1.0};
inline constexpr double far_over[8]{2.0103343992922881e-07, 2.7115555687434876e-05, 0.0012426609473880784,
                                    0.026532189526576124,   0.29656057182850487,    1.7848265399172913,
                                    5.463784911164114,      6.657904643501103};
inline constexpr double far_under[8]{
    0.20442631033899397,  1.421511758316446e-07, 1.8463183175100548e-05, 0.0007868691311456133,
    0.014875361290850615, 0.1369298809227358,    0.599832206555888,      1.0};

inline double polynomial(const double (&c)[8], double x) noexcept {
  double sum = c[0];
  for (int i = 1; i < 8; ++i) sum = sum * x + c[i];
  return sum;
}
}  // namespace normal

/// z with P(Z <= z) = p of a standard normal Z, to 1e-15. REQUIRES: 0 < p < 1.
inline double normal_quantile(double p) noexcept {
  using namespace normal;
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(central_over, r) / polynomial(central_under, r);
  }
  const double r = std::sqrt(-std::log(q < 0.0 ? p : 1.0 - p));
  const double z = r <= 5.0 ? polynomial(middle_over, r - 1.6) / polynomial(middle_under, r - 1.6)
                            : polynomial(far_over, r - 5.0) / polynomial(far_under, r - 5.0);
  return q < 0.0 ? -z : z;
}

}  // namespace millrace
