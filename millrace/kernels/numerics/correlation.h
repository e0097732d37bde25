#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "millrace/kernels/form.h"
#include "millrace/kernels/numerics/powers.h"

namespace millrace {

/// Products of sums of squares between these are rounded like any number: one root is that of both.
inline constexpr double smallest_product = 0x1p-960, largest_product = 0x1p960;

/// Correlation from sums of squares and of products about the means; null where one side is constant.
inline double correlation(double uu, double vv, double uv) noexcept {
  const double product = uu * vv;
  const bool is_one = product > smallest_product && product < largest_product;
  const double size = is_one ? std::sqrt(product) : std::sqrt(uu) * std::sqrt(vv);
  const double smallest = 16.0 * std::numeric_limits<double>::epsilon() * size;
  const double ratio = std::abs(uv) <= smallest ? 0.0 : std::min(std::max(uv / size, -1.0), 1.0);
  return size > 0.0 ? ratio : no_value;
}

/// The same for four rows.
inline Four correlation(Four uu, Four vv, Four uv) noexcept {
  const Four product = uu * vv;
  const FourBits is_small = (product <= smallest_product) & (uu > 0.0) & (vv > 0.0);  // not of a constant side
  if (any_of(is_small | (product >= largest_product))) {
    Four each;
    for (std::size_t i = 0; i < lanes; ++i) each[i] = correlation(uu[i], vv[i], uv[i]);
    return each;
  }
  const Four size = root_of(product);
  const Four smallest = 16.0 * std::numeric_limits<double>::epsilon() * size;
  const Four zero{}, one{1.0, 1.0, 1.0, 1.0}, null{no_value, no_value, no_value, no_value};
  const Four ratio = uv / size, above = ratio < -one ? -one : ratio, within = one < above ? one : above;
  return size > 0.0 ? (magnitude_of(uv) <= smallest ? zero : within) : null;
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

/// The sums of several windows, side by side.
struct PairsByRow {
  alignas(32) double u[block_rows], v[block_rows], uu[block_rows], vv[block_rows], uv[block_rows];
  double shift_u[block_rows], shift_v[block_rows];

  void keep(std::size_t row, const Pairs& s) noexcept {
    u[row] = s.u;
    v[row] = s.v;
    uu[row] = s.uu;
    vv[row] = s.vv;
    uv[row] = s.uv;
    shift_u[row] = s.shift_u;
    shift_v[row] = s.shift_v;
  }
  /// `Pairs::correlation` of the first `rows`.
  void correlations(std::size_t rows, double n, double* out) const noexcept {
    std::size_t row = 0;
    for (; row + lanes <= rows; row += lanes) {
      const Side of_u = side(u + row, uu + row, shift_u + row, n), of_v = side(v + row, vv + row, shift_v + row, n);
      const Four products = load_four(uv + row) - load_four(u + row) * of_v.offset;
      store_four(out + row, finite_or_null(correlation(of_u.m2, of_v.m2, products)));
    }
    for (; row < rows; ++row) {
      const Pairs one{shift_u[row], shift_v[row], u[row], v[row], uu[row], vv[row], uv[row]};
      out[row] = form::finite_or_null(one.correlation(n));
    }
  }

 private:
  struct Side {
    Four offset, m2;
  };
  /// As `Powers::moments`.
  static Side side(const double* sums, const double* squares, const double* shifts, double n) noexcept {
    const Four sum = load_four(sums), offset = sum * (1.0 / n), mean = load_four(shifts) + offset;
    const Four m2 = load_four(squares) - sum * offset, unit = 16.0 * std::numeric_limits<double>::epsilon() * mean;
    return {offset, m2 <= n * unit * unit ? Four{} : m2};
  }
};

}  // namespace millrace
