#pragma once

#include <algorithm>
#include <cstring>

#include "millrace/kernels/kernel.h"
#include "millrace/kernels/numerics/compensated.h"
#include "millrace/kernels/numerics/powers.h"
#include "millrace/kernels/numerics/short_powers.h"

namespace millrace {

/// Power sums of the last w observations about a shift near their mean, up to the power `powers` (2, 3 or 4).
///
/// A term is rounded once; the same number enters and leaves, and the sums are compensated, so nothing drifts. The
/// shift is moved, and the sums taken anew from the window, when the mean is too far away from it: then the step from
/// power sums to central moments loses at most about six bits, on a jump of the price too. Two powers of a short window
/// are summed anew on every row.
template <int powers>
struct PowerSums {
  static constexpr double farthest = powers == 2 ? 8.0 : 2.0;  // standard deviations
  double shift = 0.0;
  CompensatedLanes sums;

  /// Takes in x[0]; what is more than `window` back leaves. REQUIRES: x looks back at least `window`.
  void slide(Past x, std::int64_t window) noexcept {
    const auto count = static_cast<std::int64_t>(x.count);
    if (is_short(window)) {
      if (count == 1) shift = x[0];
      ShortPowers of{shift, sums.high[0], sums.high[1]};
      of.slide(x.newest, std::min(count, window));
      return hold(of);
    }
    auto held = sums.held();
    if (count > window) {
      held.exchange(terms(x[0], shift), terms(x[window], shift));
    } else {
      if (count == 1) shift = x[0];
      held.add(terms(x[0], shift));
    }
    sums.hold(held);
    const std::int64_t rows = std::min(count, window);
    const auto n = static_cast<double>(rows);
    if (is_far(sums.value(0), sums.value(1), n, shift, farthest)) *this = about(shift + sums.value(0) / n, x, rows);
  }

  /// The sums from before or after each row, side by side: two of them by power, more by row.
  struct ByRow {
    alignas(32) double sums[powers == 2 ? 2 : pass_rows][powers == 2 ? pass_rows : 4];
    double shift[pass_rows];

    void keep(std::size_t row, Four value, double about) noexcept {
      if constexpr (powers == 2) {
        sums[0][row] = value[0];
        sums[1][row] = value[1];
      } else {
        std::memcpy(sums[row], &value, sizeof value);
      }
      shift[row] = about;
    }
    Powers operator[](std::size_t i) const noexcept {
      if constexpr (powers == 2) return {shift[i], sums[0][i], sums[1][i], 0.0, 0.0};
      return {shift[i], sums[i][0], sums[i][1], sums[i][2], sums[i][3]};
    }
  };
  /// `slide` for the rows of a full window at x, x + 1, …, with the sums in registers.
  void slide_all(const double* x, std::size_t rows, std::int64_t window, bool keeps_before, ByRow& kept) noexcept {
    std::size_t row = 0;
    if constexpr (powers == 2) {
      if (is_short(window)) return slide_short(x, rows, window, keeps_before, kept);
      while ((row = slide_rows(x, row, rows, window, keeps_before, kept)) + lanes <= rows) {
        slide_each(x, row, row + lanes, window, keeps_before, kept);
        row += lanes;
      }
    }
    slide_each(x, row, rows, window, keeps_before, kept);
  }

  Powers now() const noexcept { return {shift, sums.value(0), sums.value(1), sums.value(2), sums.value(3)}; }

 private:
  static Four terms(double x, double shift) noexcept {
    const double d = x - shift;
    const double d2 = d * d;
    return Four{d, d2, powers >= 3 ? d2 * d : 0.0, powers >= 4 ? d2 * d2 : 0.0};
  }
  static constexpr bool is_short(std::int64_t window) noexcept { return powers == 2 && window <= most_short_rows; }
  void hold(const ShortPowers& of) noexcept {
    shift = of.shift;
    sums.high[0] = of.s1;
    sums.high[1] = of.s2;
  }
  void slide_short(const double* x, std::size_t rows, std::int64_t window, bool keeps_before, ByRow& kept) noexcept {
    ShortPowers of{shift, sums.high[0], sums.high[1]};
    const std::array<double*, 3> columns{kept.sums[0], kept.sums[1], kept.shift};
    const std::array before{of.s1, of.s2, of.shift};
    of.slide_all(x, rows, window, columns[0], columns[1], columns[2]);
    hold(of);
    for (std::size_t i = 0; keeps_before && rows > 0 && i < columns.size(); ++i) {
      std::copy_backward(columns[i], columns[i] + rows - 1, columns[i] + rows);
      columns[i][0] = before[i];
    }
  }
  void slide_each(const double* x, std::size_t from, std::size_t to, std::int64_t window, bool keeps_before,
                  ByRow& kept) noexcept {
    auto held = sums.held();
    double shift_now = shift;
    const auto n = static_cast<double>(window);
    for (std::size_t row = from; row < to; ++row) {
      if (keeps_before) kept.keep(row, held.value(), shift_now);
      held.exchange(terms(x[row], shift_now), terms(x[static_cast<std::int64_t>(row) - window], shift_now));
      const Four value = held.value();
      if (is_far(value[0], value[1], n, shift_now, farthest)) {
        *this = about(shift_now + value[0] / n, Past{x + row, static_cast<std::uint64_t>(window)}, window);
        held = sums.held();
        shift_now = shift;
      }
      if (!keeps_before) kept.keep(row, held.value(), shift_now);
    }
    sums.hold(held);
    shift = shift_now;
  }
  /// The same with four rows side by side, up to those on which the shift would have to move, which it returns.
  std::size_t slide_rows(const double* x, std::size_t from, std::size_t to, std::int64_t window, bool keeps_before,
                         ByRow& kept) noexcept {
    CompensatedPair pair{_mm_loadu_pd(sums.high), _mm_loadu_pd(sums.low)};
    const auto n = static_cast<double>(window);
    const double about = shift;
    std::size_t row = from;
    for (; row + lanes <= to; row += lanes) {
      const CompensatedPair before = pair;
      const Four in = load_four(x + row) - about;
      const Four out = load_four(x + static_cast<std::int64_t>(row) - window) - about;
      const auto [s1, s2] = pair.exchange_rows(in, out, in * in, out * out);
      if (any_of(are_far(s1, s2, n, about, farthest))) {
        pair = before;
        break;
      }
      store_four(kept.sums[0] + row, keeps_before ? one_row_before(before.value().first, s1) : s1);
      store_four(kept.sums[1] + row, keeps_before ? one_row_before(before.value().second, s2) : s2);
      store_four(kept.shift + row, Four{about, about, about, about});
    }
    _mm_storeu_pd(sums.high, pair.high);
    _mm_storeu_pd(sums.low, pair.low);
    return row;
  }
  static Four one_row_before(Four before, Four s) noexcept { return Four{before[0], s[0], s[1], s[2]}; }
  /// The sums of the last n observations anew.
  [[gnu::noinline]] static PowerSums about(double shift, Past x, std::int64_t n) noexcept {
    PowerSums fresh{.shift = shift, .sums = {}};
    auto held = fresh.sums.held();
    for (std::int64_t k = n - 1; k >= 0; --k) held.add(terms(x[k], shift));
    fresh.sums.hold(held);
    return fresh;
  }
};

}  // namespace millrace
