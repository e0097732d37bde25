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
  const double size = std::sqrt(uu) * std::sqrt(vv);
  const double smallest = 16.0 * std::numeric_limits<double>::epsilon() * size;
  const double ratio = std::abs(uv) <= smallest ? 0.0 : std::min(std::max(uv / size, -1.0), 1.0);
  return size > 0.0 ? ratio : no_value;
}

/// The sums of u, v, u², v² and uv of one window of n pairs, each side about its own shift.
struct Pairs {
  double shift_u, shift_v, u, v, uu, vv, uv;

  double correlation(double n) const noexcept {
    const Moments of_u = Powers{shift_u, u, uu, 0.0, 0.0}.moments(n),
                  of_v = Powers{shift_v, v, vv, 0.0, 0.0}.moments(n);
    return millrace::correlation(of_u.m2, of_v.m2, uv - u * of_v.offset);
  }
};

/// Those sums over the last w pairs, kept like PowerSums.
struct PairSums {
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
    auto held = sums.held();
    if (pairs > window) {
      const double eu = u[window] - shift_u, ev = v[window] - shift_v;
      held.exchange(terms(du, dv), terms(eu, ev));
      product.exchange(du * dv, eu * ev);
    } else {
      held.add(terms(du, dv));
      product.add(du * dv);
    }
    sums.hold(held);
    const std::int64_t rows = std::min(pairs, window);
    const auto n = static_cast<double>(rows);
    if (is_far(held.value(), n, shift_u, shift_v)) {
      *this = about(shift_u + sums.value(0) / n, shift_v + sums.value(1) / n, u, v, rows);
    }
  }

  /// `slide` for the pairs (u[0], v[0]), (u[1], v[1]), … of a full window, with the sums in registers.
  struct ByRow {
    alignas(32) double sums[block_rows][4];
    double products[block_rows], shift_u[block_rows], shift_v[block_rows];

    Pairs operator[](std::size_t i) const noexcept {
      return {shift_u[i], shift_v[i], sums[i][0], sums[i][1], sums[i][2], sums[i][3], products[i]};
    }
  };
  void slide_all(const double* u, const double* v, std::size_t rows, std::int64_t window, ByRow& kept) noexcept {
    PairSums s = *this;
    auto held = s.sums.held();
    CompensatedSum uv = s.product;
    double at_u = s.shift_u, at_v = s.shift_v;
    const auto n = static_cast<double>(window);
    for (std::size_t row = 0; row < rows; ++row) {
      const auto gone = static_cast<std::int64_t>(row) - window;
      const double du = u[row] - at_u, dv = v[row] - at_v, eu = u[gone] - at_u, ev = v[gone] - at_v;
      held.exchange(terms(du, dv), terms(eu, ev));
      uv.exchange(du * dv, eu * ev);
      const Lanes value = held.value();
      if (is_far(value, n, at_u, at_v)) {
        const auto count = static_cast<std::uint64_t>(window);
        s = about(at_u + value[0] / n, at_v + value[1] / n, Past{u + row, count}, Past{v + row, count}, window);
        held = s.sums.held();
        uv = s.product;
        at_u = s.shift_u;
        at_v = s.shift_v;
      }
      const Lanes now = held.value();
      std::memcpy(kept.sums[row], &now, sizeof now);
      kept.products[row] = uv.value();
      kept.shift_u[row] = at_u;
      kept.shift_v[row] = at_v;
    }
    s.sums.hold(held);
    s.product = uv;
    *this = s;
  }

  Pairs now() const noexcept {
    return {shift_u, shift_v, sums.value(0), sums.value(1), sums.value(2), sums.value(3), product.value()};
  }

 private:
  static Lanes terms(double du, double dv) noexcept { return Lanes{du, dv, du * du, dv * dv}; }
  static bool is_far(Lanes sum, double n, double shift_u, double shift_v) noexcept {
    constexpr double farthest = 8.0;
    return millrace::is_far(sum[0], sum[2], n, shift_u, farthest) ||
           millrace::is_far(sum[1], sum[3], n, shift_v, farthest);
  }
  [[gnu::noinline]] static PairSums about(double shift_u, double shift_v, Past u, Past v, std::int64_t n) noexcept {
    PairSums fresh{.shift_u = shift_u, .shift_v = shift_v, .sums = {}, .product = {}};
    auto held = fresh.sums.held();
    for (std::int64_t k = n - 1; k >= 0; --k) {
      const double du = u[k] - shift_u, dv = v[k] - shift_v;
      held.add(terms(du, dv));
      fresh.product.add(du * dv);
    }
    fresh.sums.hold(held);
    return fresh;
  }
};

}  // namespace millrace
