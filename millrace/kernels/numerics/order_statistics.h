#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "millrace/kernels/kernel.h"
#include "millrace/kernels/numerics/four.h"

namespace millrace {

/// Quantile of n sorted values, linear between order statistics at (n − 1) q: type 7 of Hyndman, Fan (1996). `sorted`
/// is a pointer or anything else that takes an index.
template <class Sorted>
inline double quantile(const Sorted& sorted, std::int64_t n, double q) noexcept {
  const double place = static_cast<double>(n - 1) * q;
  const auto below = std::min(static_cast<std::int64_t>(place), n - 1);
  const double low = sorted[below], high = sorted[std::min(below + 1, n - 1)];
  return low + (place - static_cast<double>(below)) * (high - low);
}

/// Average rank among n values, from 0 (the smallest) to 1; null for a single value.
inline double average_rank(std::int64_t below, std::int64_t equal, std::int64_t n) noexcept {
  return (static_cast<double>(below) + 0.5 * static_cast<double>(equal - 1)) / static_cast<double>(n - 1);
}

/// All values of a window, sorted in the tail. In a short window each place finds its new value from those around it,
/// four at a time and without a branch; in a long one two searches find the places between which they move.
struct SortedWindow {
  std::int64_t held = 0;

  /// Takes in x[0]; x[window] leaves. A kernel that does little else does not ask in the shortest windows which way the
  /// values move: a wrong guess costs it more than looking both ways. The places are the same.
  template <bool asks_which_way = true>
  void slide(Past x, std::int64_t window, Tail sorted) noexcept {
    if (held < window) {
      insert(sorted, x[0]);
    } else if (!asks_which_way && held <= shortest_window) {
      replace_everywhere(sorted, x[window], x[0]);
    } else if (held <= short_window) {
      x[0] >= x[window] ? move_down(sorted, x[window], x[0]) : move_up(sorted, x[window], x[0]);
    } else {
      replace(sorted, x[window], x[0]);
    }
  }

 private:
  static constexpr std::int64_t shortest_window = 128, short_window = 256;

  /// `replace` in one pass. Without `out` a place keeps what stands there, or from `out` on has what stands behind it;
  /// with `in` it has what then stands before it, `in`, or what stands there, whichever is between the others.
  void replace_everywhere(Tail sorted, double out, double in) const noexcept {
    constexpr double above = std::numeric_limits<double>::infinity();
    const Four ins{in, in, in, in};
    Four before{-above, -above, -above, -above};
    std::int64_t i = 0;
    const auto place = [&](Four here, Four after) {
      const Four left = here < out ? here : first_three_behind(here, after);
      const Four last = last_three_behind(before, left), low = ins < left ? ins : left;
      store_four(sorted + i, last > low ? last : low);
      before = left;
      i += 4;
    };
    if (held >= 4) {
      Four here = load_four(sorted);
      while (i + 8 <= held) {
        const Four after = load_four(sorted + i + 4);
        place(here, after);
        here = after;
      }
      const double next = i + 4 < held ? sorted[i + 4] : above;
      place(here, Four{next, next, next, next});
    }
    double last = before[3];
    for (; i < held; ++i) {
      const double left = sorted[i] < out ? sorted[i] : i + 1 < held ? sorted[i + 1] : above;
      const double low = in < left ? in : left;
      sorted[i] = last > low ? last : low;
      last = left;
    }
  }

  /// `replace` where in >= out: from the first that is not below `out` up to `in`, each place takes the next value.
  static double lowered(double here, double next, double out, double in) noexcept {
    const double moved = in < next ? in : next;
    return here < out || here > moved ? here : moved;
  }
  void move_down(Tail sorted, double out, double in) const noexcept {
    constexpr double above = std::numeric_limits<double>::infinity();
    std::int64_t i = 0;
    if (held >= 4) {
      const Four ins{in, in, in, in};
      Four here = load_four(sorted);
      for (; i + 8 <= held; i += 4) {
        const Four after = load_four(sorted + i + 4);
        const Four next = first_three_behind(here, after);
        const Four moved = _mm256_max_pd(here, _mm256_min_pd(ins, next));  // `here` where it is above the smaller
        store_four(sorted + i, here < out ? here : moved);
        here = after;
      }
    }
    for (; i < held; ++i) sorted[i] = lowered(sorted[i], i + 1 < held ? sorted[i + 1] : above, out, in);
  }
  static Four first_three_behind(Four here, Four after) noexcept {
    return _mm256_permute4x64_pd(_mm256_blend_pd(here, after, 0b0001), 0b00'11'10'01);
  }

  /// `replace` where in < out: from above `in` up to the first that is not below `out`, each takes the value before.
  static double raised(double here, double before, double out, double in) noexcept {
    const double moved = before > in ? before : in;
    return before < out && here > in ? moved : here;
  }
  void move_up(Tail sorted, double out, double in) const noexcept {
    constexpr double below = -std::numeric_limits<double>::infinity();
    std::int64_t i = held;
    const Four ins{in, in, in, in};
    for (; i % 4 != 0; --i) sorted[i - 1] = raised(sorted[i - 1], i > 1 ? sorted[i - 2] : below, out, in);
    if (i == 0) return;
    Four here = load_four(sorted + i - 4);
    for (; i >= 4; i -= 4) {
      const Four ahead = i > 4 ? load_four(sorted + i - 8) : Four{below, below, below, below};
      const Four before = last_three_behind(ahead, here);
      const Four moved = before > in ? before : ins;
      store_four(sorted + i - 4, ((before < out) & (here > in)) ? moved : here);
      here = ahead;
    }
  }
  static Four last_three_behind(Four ahead, Four here) noexcept {
    return _mm256_permute4x64_pd(_mm256_blend_pd(here, ahead, 0b1000), 0b10'01'00'11);
  }

  void insert(Tail sorted, double in) noexcept {
    double* at = std::upper_bound(sorted, sorted + held, in);
    std::copy_backward(at, sorted + held, sorted + held + 1);
    *at = in;
    ++held;
  }
  /// REQUIRES: `out` is in the tail.
  void replace(Tail sorted, double out, double in) noexcept {
    double* gone = std::lower_bound(sorted, sorted + held, out);
    if (in >= out) {
      double* at = std::upper_bound(gone, sorted + held, in) - 1;
      std::copy(gone + 1, at + 1, gone);
      *at = in;
    } else {
      double* at = std::upper_bound(sorted, gone, in);
      std::copy_backward(at, gone, gone + 1);
      *at = in;
    }
  }
};

}  // namespace millrace
