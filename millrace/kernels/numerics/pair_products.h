#pragma once

#include "millrace/kernels/numerics/pair_sums.h"

namespace millrace {

/// Sums of squares and of products about the means of n pairs; a spread or a covariance that is rounding alone is
/// exactly 0 (`kernels.md` 1, law 9).
struct Products {
  double uu, vv, uv;
};

inline Products without_rounding(double uu, double vv, double uv) noexcept {
  const double smallest = 16.0 * std::numeric_limits<double>::epsilon() * (std::sqrt(uu) * std::sqrt(vv));
  return {uu, vv, std::abs(uv) <= smallest ? 0.0 : uv};
}

inline Products products(const Pairs& p, double n) noexcept {
  const Moments of_u = Powers{p.shift_u, p.u, p.uu, 0.0, 0.0}.moments(n),
                of_v = Powers{p.shift_v, p.v, p.vv, 0.0, 0.0}.moments(n);
  return without_rounding(of_u.m2, of_v.m2, of_u.m2 > 0.0 && of_v.m2 > 0.0 ? p.uv - p.u * of_v.offset : 0.0);
}

/// Pairs of one bucket or of several merged ones, about common origins (Chan, Golub, LeVeque 1983).
struct BucketPairs {
  BucketMoments u, v;
  double uv = 0.0;

  void add(double du, double dv) noexcept {
    const double from_old = du - u.mean;
    u.add(du);
    v.add(dv);
    uv += from_old * (dv - v.mean);
  }
  void merge(const BucketPairs& newer) noexcept {
    if (newer.u.n > 0.0 && u.n > 0.0) {
      uv += newer.uv + (newer.u.mean - u.mean) * (newer.v.mean - v.mean) * (u.n * newer.u.n / (u.n + newer.u.n));
    } else {
      uv += newer.uv;
    }
    u.merge(newer.u);
    v.merge(newer.v);
  }
  Products products(double origin_u, double origin_v) const noexcept {
    const double uu = u.moments(origin_u).m2, vv = v.moments(origin_v).m2;
    return without_rounding(uu, vv, uu > 0.0 && vv > 0.0 ? uv : 0.0);
  }
};

}  // namespace millrace
