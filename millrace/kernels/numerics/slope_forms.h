#pragma once

#include "millrace/kernels/bucket_ring.h"
#include "millrace/kernels/numerics/pair_products.h"
#include "millrace/kernels/numerics/window_terms.h"

namespace millrace {

/// The slope of the first input on the second, with an intercept: over a row window and over an event-time window.
/// Null where the second is constant.
template <class P>
struct SlopeByRow {
  using State = PairSums;
  static std::int64_t lookback(const P& p) { return p.window.rows; }

  static double update(const P& p, State& s, Past y, Past x) noexcept {
    s.slide(y, x, static_cast<std::int64_t>(y.count), p.window.rows);
    const std::int64_t n = rows_in(y, p.window.rows);
    if (n < p.window.needed(2)) return no_value;
    const Products of = products(s.now(), static_cast<double>(n));
    return of.uv / of.vv;
  }
};

template <class P>
struct SlopeByTime {
  using Content = BucketPairs;
  struct Carry {
    double origin = no_value;  // the first value of the second input
  };
  static constexpr std::int64_t fewest = 2;
  static void add(const P&, Content& c, Carry& carry, const double* x, double origin) noexcept {
    if (std::isnan(carry.origin)) carry.origin = x[1];
    c.add(x[0] - origin, x[1] - carry.origin);
  }
  static void merge(Content& older, const Content& newer) noexcept { older.merge(newer); }
  static double value(const P&, const Content& c, const Carry& carry, const double*, double origin) noexcept {
    const Products of = c.products(origin, carry.origin);
    return of.uv / of.vv;
  }
};

}  // namespace millrace
