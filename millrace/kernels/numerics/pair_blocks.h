#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/kernel.h"
#include "millrace/kernels/numerics/correlation.h"

namespace millrace {

/// The sums of Pairs over the last w pairs, two additions a pair and sum. The pairs are cut into blocks of the window's
/// length: a window is the end of one block and the start of the next. The ends are summed once, as a block closes; the
/// start grows by a pair a row. What has left the window is in neither, so nothing drifts.
///
/// Both sides are about a shift of their own. It moves, and the sums are taken anew, when a mean is so far away that
/// the products would lose more than ten bits.
struct PairBlocks {
  static constexpr double farthest = 32.0;  // standard deviations
  double shift_u = 0.0, shift_v = 0.0;
  double start[5] = {};  // of the open block so far: u, v, u², v², uv

  /// Memory for the ends: the sums from each place of the block before to its end.
  static std::size_t doubles(std::int64_t window) noexcept { return 5 * static_cast<std::size_t>(window); }

  using Sums = std::array<double, 5>;

  /// Takes in (u[0], v[0]), the pair number `pairs`; the sums of the last min(pairs, window).
  Sums slide(const double* u, const double* v, std::int64_t pairs, std::int64_t window, double* ends) noexcept {
    if (pairs == 1) {
      shift_u = u[0];
      shift_v = v[0];
    }
    const Held sums = take(u, v, (pairs - 1) % window, pairs > window, window, ends);
    const auto n = static_cast<double>(std::min(pairs, window));
    return is_far(sums, n) ? move(u, v, sums, pairs, window, ends) : sums.all();
  }

  /// `slide` for the pairs of a full window at u and v, u + 1 and v + 1, …, of which the first is the number `pairs`.
  /// REQUIRES: u and v look back at least `window`.
  void slide_all(const double* u, const double* v, std::size_t rows, std::int64_t pairs, std::int64_t window,
                 double* ends, PairsByRow& kept) noexcept {
    const auto n = static_cast<double>(window);
    std::size_t row = 0, step = rows, moved = 0;
    while (row < rows) {
      const std::size_t to = std::min(rows, row + step);
      const std::int64_t number = pairs + static_cast<std::int64_t>(row);
      take_all(u + row, v + row, to - row, (number - 1) % window, window, ends, kept, row);
      const std::size_t far = first_far(kept, row, to, n);
      std::fill(kept.shift_u + row, kept.shift_u + far, shift_u);
      std::fill(kept.shift_v + row, kept.shift_v + far, shift_v);
      row = far;
      if (far == to) continue;
      const Held sums{Four{kept.u[row], kept.v[row], kept.uu[row], kept.vv[row]}, kept.uv[row]};
      const Sums all = move(u + row, v + row, sums, pairs + static_cast<std::int64_t>(row), window, ends);
      kept.keep(row, {shift_u, shift_v, all[0], all[1], all[2], all[3], all[4]});
      ++row;
      step = std::max<std::size_t>(16, row - moved);  // these may have to be summed again
      moved = row;
    }
  }

 private:
  /// Sums or terms of one pair, in two registers.
  struct Held {
    Four four;
    double product;

    Sums all() const noexcept { return {four[0], four[1], four[2], four[3], product}; }
    Held plus(const Held& other) const noexcept { return {four + other.four, product + other.product}; }
    static Held at(const double* from) noexcept { return {load_four(from), from[4]}; }
    void put(double* to) const noexcept {
      store_four(to, four);
      to[4] = product;
    }
  };
  Held terms(double u, double v) const noexcept {
    const __m128d d = _mm_set_pd(v, u) - _mm_set_pd(shift_v, shift_u);
    return {_mm256_set_m128d(d * d, d), d[0] * d[1]};
  }
  Held take(const double* u, const double* v, std::int64_t place, bool has_ends, std::int64_t window,
            double* ends) noexcept {
    const Held now = terms(*u, *v);
    const Held grown = place == 0 ? now : Held::at(start).plus(now);
    grown.put(start);
    if (place == window - 1) {
      close(u, v, window, window, ends);
      return grown;
    }
    return has_ends ? grown.plus(Held::at(ends + 5 * (place + 1))) : grown;
  }
  /// `take` for pairs of a full window, while the shifts stay.
  void take_all(const double* u, const double* v, std::size_t rows, std::int64_t place, std::int64_t window,
                double* ends, PairsByRow& kept, std::size_t at) noexcept {
    alignas(32) double sums[block_rows + lanes][4];
    Held grown = Held::at(start);
    std::size_t row = 0;
    while (row < rows) {
      const std::size_t open = std::min(rows, row + static_cast<std::size_t>(window - 1 - place));
      const double* end = ends + 5 * (place + 1);
      for (; row < open; ++row, ++place, end += 5) {
        const Held now = terms(u[row], v[row]);
        grown = place == 0 ? now : grown.plus(now);
        const Held whole = grown.plus(Held::at(end));
        store_four(sums[row], whole.four);
        kept.uv[at + row] = whole.product;
      }
      if (row == rows) break;
      const Held now = terms(u[row], v[row]);
      grown = place == 0 ? now : grown.plus(now);
      store_four(sums[row], grown.four);
      kept.uv[at + row] = grown.product;
      close(u + row, v + row, window, window, ends);
      place = 0;
      ++row;
    }
    grown.put(start);
    double* const columns[] = {kept.u + at, kept.v + at, kept.uu + at, kept.vv + at};
    for (row = 0; row + lanes <= rows; row += lanes) {
      const auto of = transposed(load_four(sums[row]), load_four(sums[row + 1]), load_four(sums[row + 2]),
                                 load_four(sums[row + 3]));
      for (std::size_t i = 0; i < 4; ++i) store_four(columns[i] + row, of[i]);
    }
    for (; row < rows; ++row) {
      for (std::size_t i = 0; i < 4; ++i) columns[i][row] = sums[row][i];
    }
  }
  static std::array<Four, 4> transposed(Four a, Four b, Four c, Four d) noexcept {
    const Four ab = _mm256_unpacklo_pd(a, b), ab1 = _mm256_unpackhi_pd(a, b);
    const Four cd = _mm256_unpacklo_pd(c, d), cd1 = _mm256_unpackhi_pd(c, d);
    return {_mm256_permute2f128_pd(ab, cd, 0x20), _mm256_permute2f128_pd(ab1, cd1, 0x20),
            _mm256_permute2f128_pd(ab, cd, 0x31), _mm256_permute2f128_pd(ab1, cd1, 0x31)};
  }
  std::size_t first_far(const PairsByRow& kept, std::size_t row, std::size_t to, double n) const noexcept {
    const auto is_any_far = [&] {
      const auto at = [&](const double* sums) { return load_four(sums + row); };
      return any_of(are_far(at(kept.u), at(kept.uu), n, shift_u, farthest) |
                    are_far(at(kept.v), at(kept.vv), n, shift_v, farthest));
    };
    while (row + lanes <= to && !is_any_far()) row += lanes;
    while (row < to && !millrace::is_far(kept.u[row], kept.uu[row], n, shift_u, farthest) &&
           !millrace::is_far(kept.v[row], kept.vv[row], n, shift_v, farthest)) {
      ++row;
    }
    return row;
  }
  /// The ends of the block that ends with (u[0], v[0]), the last `count` of them.
  void close(const double* u, const double* v, std::int64_t count, std::int64_t window, double* ends) const noexcept {
    if (count <= 0) return;
    Held end = terms(u[0], v[0]);
    end.put(ends + 5 * (window - 1));
    for (std::int64_t k = 1; k < count; ++k) {
      end = end.plus(terms(u[-k], v[-k]));
      end.put(ends + 5 * (window - 1 - k));
    }
  }
  bool is_far(const Held& sums, double n) const noexcept {
    return millrace::is_far(sums.four[0], sums.four[2], n, shift_u, farthest) ||
           millrace::is_far(sums.four[1], sums.four[3], n, shift_v, farthest);
  }
  /// All of it anew about the means.
  [[gnu::noinline]] Sums move(const double* u, const double* v, const Held& sums, std::int64_t pairs,
                              std::int64_t window, double* ends) noexcept {
    const std::int64_t rows = std::min(pairs, window), place = (pairs - 1) % window;
    shift_u += sums.four[0] / static_cast<double>(rows);
    shift_v += sums.four[1] / static_cast<double>(rows);
    Held grown = terms(u[-place], v[-place]);
    for (std::int64_t k = place - 1; k >= 0; --k) grown = grown.plus(terms(u[-k], v[-k]));
    grown.put(start);
    if (place == window - 1) {
      close(u, v, window, window, ends);
      return grown.all();
    }
    if (pairs <= window) return grown.all();
    close(u - place - 1, v - place - 1, window - 1 - place, window, ends);
    return grown.plus(Held::at(ends + 5 * (place + 1))).all();
  }
};

}  // namespace millrace
