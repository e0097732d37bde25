#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/numerics/powers.h"
#include "millrace/kernels/numerics/short_sums.h"

namespace millrace {

/// x - shift and its square.
struct SquareTerms {
  static constexpr std::size_t count = 2;
  const double* x;
  double shift;

  std::array<Four, 2> four(std::int64_t i) const noexcept {
    const Four d = load_four(x + i) - shift;
    return {d, d * d};
  }
  std::array<double, 2> one(std::int64_t i) const noexcept {
    const double d = x[i] - shift;
    return {d, d * d};
  }
};

/// The first two power sums of a short window, anew on every row. The shift moves when the mean is so far away that
/// the variance would lose more than ten bits; in short windows of a wandering price that is often.
struct ShortPowers {
  static constexpr double farthest = 32.0;  // standard deviations
  double shift, s1, s2;

  /// Of the last `rows` of x.
  void slide(const double* newest, std::int64_t rows) noexcept {
    const auto n = static_cast<double>(rows);
    take(ShortSums(SquareTerms{newest, shift}, rows).at(0));
    if (!is_far(s1, s2, n, shift, farthest)) return;
    shift += s1 / n;
    take(ShortSums(SquareTerms{newest, shift}, rows).at(0));
  }
  /// After each of the rows of a full window at x, x + 1, …. REQUIRES: x looks back at least `window`.
  void slide_all(const double* x, std::size_t rows, std::int64_t window, double* sums, double* squares,
                 double* shifts) noexcept {
    std::size_t row = 0, step = rows, moved = 0;
    while (row < rows) {
      const std::size_t to = std::min(rows, row + step);
      ShortSums(SquareTerms{x + row, shift}, window).all(to - row, {sums + row, squares + row});
      const std::size_t far = first_far(sums, squares, row, to, static_cast<double>(window));
      std::fill(shifts + row, shifts + far, shift);
      row = far;
      if (far == to) continue;
      slide(x + row, window);
      sums[row] = s1;
      squares[row] = s2;
      shifts[row] = shift;
      ++row;
      step = std::max<std::size_t>(16, row - moved);  // these may have to be summed again
      moved = row;
    }
    if (rows > 0) take({sums[rows - 1], squares[rows - 1]});
  }

 private:
  void take(const std::array<double, 2>& sums) noexcept {
    s1 = sums[0];
    s2 = sums[1];
  }
  std::size_t first_far(const double* sums, const double* squares, std::size_t row, std::size_t to,
                        double n) const noexcept {
    while (row + lanes <= to && !any_of(are_far(load_four(sums + row), load_four(squares + row), n, shift, farthest))) {
      row += lanes;
    }
    while (row < to && !is_far(sums[row], squares[row], n, shift, farthest)) ++row;
    return row;
  }
};

}  // namespace millrace
