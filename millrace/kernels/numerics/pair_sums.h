#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "millrace/kernels/kernel.h"
#include "millrace/kernels/numerics/compensated.h"
#include "millrace/kernels/numerics/power_sums.h"

namespace millrace {

/// Correlation from sums of squares and of products about the means; null where one side is constant.
inline double correlation(double uu, double vv, double uv) noexcept {
  if (uu <= 0.0 || vv <= 0.0) return no_value;
  const double size = std::sqrt(uu) * std::sqrt(vv);
  if (std::abs(uv) <= 16.0 * std::numeric_limits<double>::epsilon() * size) return 0.0;
  return std::clamp(uv / size, -1.0, 1.0);
}

/// The sums of u, v, u², v² and uv over a window of pairs, each side about its own shift, kept like PowerSums.
struct PairSums {
  using Lanes = CompensatedLanes::Lanes;
  double shift_u = 0.0, shift_v = 0.0;
  CompensatedLanes sums;   // u, v, u², v²
  CompensatedSum product;  // uv

  /// Takes in (u[0], v[0]), the pair number `pairs`; what is more than `window` pairs back leaves.
  void slide(Past u, Past v, std::int64_t pairs, std::int64_t window) noexcept {
    if (pairs == 1) {
      shift_u = u[0];
      shift_v = v[0];
    }
    const double du = u[0] - shift_u, dv = v[0] - shift_v;
    if (pairs > window) {
      const double eu = u[window] - shift_u, ev = v[window] - shift_v;
      sums.exchange(Lanes{du, dv, du * du, dv * dv}, Lanes{eu, ev, eu * eu, ev * ev});
      product.exchange(du * dv, eu * ev);
    } else {
      sums.add(Lanes{du, dv, du * du, dv * dv});
      product.add(du * dv);
    }
    const std::int64_t n = std::min(pairs, window);
    const Moments mu = moments(0, static_cast<double>(n)), mv = moments(1, static_cast<double>(n));
    if (is_far(mu, shift_u) || is_far(mv, shift_v)) *this = about(mu.mean, mv.mean, u, v, n);
  }

  /// Of u (side 0) or v (side 1).
  Moments moments(std::size_t side, double n) const noexcept {
    const double s1 = sums.value(side);
    Moments m{.n = n, .offset = s1 * (1.0 / n)};
    m.mean = (side == 0 ? shift_u : shift_v) + m.offset;
    m.m2 = std::max(sums.value(side + 2) - s1 * m.offset, 0.0);
    if (is_zero_spread(m.m2, n, m.mean)) m.m2 = 0.0;
    return m;
  }
  double correlation(double n) const noexcept {
    const Moments u = moments(0, n), v = moments(1, n);
    return millrace::correlation(u.m2, v.m2, product.value() - n * u.offset * v.offset);
  }

 private:
  static bool is_far(const Moments& m, double shift) noexcept {
    return m.offset * m.offset * m.n > 4.0 * m.m2 && std::abs(m.offset) > 0x1p-40 * std::abs(shift);
  }
  [[gnu::noinline]] static PairSums about(double shift_u, double shift_v, Past u, Past v, std::int64_t n) noexcept {
    PairSums fresh{.shift_u = shift_u, .shift_v = shift_v, .sums = {}, .product = {}};
    for (std::int64_t k = n - 1; k >= 0; --k) {
      const double du = u[k] - shift_u, dv = v[k] - shift_v;
      fresh.sums.add(Lanes{du, dv, du * du, dv * dv});
      fresh.product.add(du * dv);
    }
    return fresh;
  }
};

}  // namespace millrace
