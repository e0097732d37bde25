#pragma once

#include <algorithm>

#include "millrace/kernels/kernel.h"
#include "millrace/kernels/numerics/compensated.h"
#include "millrace/kernels/numerics/correlation.h"
#include "millrace/kernels/numerics/power_sums.h"

namespace millrace {

/// The sums of Pairs over the last w pairs, kept like PowerSums.
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

  /// `slide` for the pairs (u[0], v[0]), (u[1], v[1]), … of a full window, four of them at a time.
  void slide_all(const double* of_u, const double* of_v, std::size_t rows, std::int64_t window,
                 PairsByRow& kept) noexcept {
    std::size_t row = 0;
    const auto each = [&](std::size_t end) {
      for (; row < end; ++row) {
        const auto pairs = static_cast<std::uint64_t>(window) + 1;
        slide(Past{of_u + row, pairs}, Past{of_v + row, pairs}, window + 1, window);
        kept.keep(row, now());
      }
    };
    while ((row = slide_rows(of_u, of_v, row, rows, window, kept)) + lanes <= rows) each(row + lanes);
    each(rows);
  }

  Pairs now() const noexcept {
    return {shift_u, shift_v, sums.value(0), sums.value(1), sums.value(2), sums.value(3), product.value()};
  }

 private:
  /// Up to the pairs on which a shift would have to move, which it returns.
  std::size_t slide_rows(const double* of_u, const double* of_v, std::size_t from, std::size_t to, std::int64_t window,
                         PairsByRow& kept) noexcept {
    CompensatedPair sum{_mm_loadu_pd(sums.high), _mm_loadu_pd(sums.low)};
    CompensatedPair squares{_mm_loadu_pd(sums.high + 2), _mm_loadu_pd(sums.low + 2)};
    CompensatedSum uv = product;
    const double at_u = shift_u, at_v = shift_v;
    const auto n = static_cast<double>(window);
    std::size_t row = from;
    for (; row + lanes <= to; row += lanes) {
      const CompensatedPair sum_before = sum, squares_before = squares;
      const CompensatedSum uv_before = uv;
      const double *gone_u = of_u + row - window, *gone_v = of_v + row - window;
      const Four du = load_four(of_u + row) - at_u, dv = load_four(of_v + row) - at_v;
      const Four eu = load_four(gone_u) - at_u, ev = load_four(gone_v) - at_v;
      const auto [u, v] = sum.exchange_rows(du, eu, dv, ev);
      const auto [uu, vv] = squares.exchange_rows(du * du, eu * eu, dv * dv, ev * ev);
      const Four products = uv.exchange_rows(du * dv, eu * ev);
      if (any_of(are_far(u, uu, n, at_u, farthest) | are_far(v, vv, n, at_v, farthest))) {
        sum = sum_before;
        squares = squares_before;
        uv = uv_before;
        break;
      }
      store_four(kept.u + row, u);
      store_four(kept.v + row, v);
      store_four(kept.uu + row, uu);
      store_four(kept.vv + row, vv);
      store_four(kept.uv + row, products);
      store_four(kept.shift_u + row, Four{at_u, at_u, at_u, at_u});
      store_four(kept.shift_v + row, Four{at_v, at_v, at_v, at_v});
    }
    _mm_storeu_pd(sums.high, sum.high);
    _mm_storeu_pd(sums.low, sum.low);
    _mm_storeu_pd(sums.high + 2, squares.high);
    _mm_storeu_pd(sums.low + 2, squares.low);
    product = uv;
    return row;
  }
  static constexpr double farthest = 8.0;
  static Four terms(double du, double dv) noexcept { return Four{du, dv, du * du, dv * dv}; }
  static bool is_far(Four sum, double n, double shift_u, double shift_v) noexcept {
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
