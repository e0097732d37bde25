#pragma once

#include <algorithm>
#include <array>
#include <limits>

#include "millrace/kernels/bucket_ring.h"
#include "millrace/kernels/numerics/two_passes.h"

namespace millrace {

struct Lowest {
  static constexpr double none = std::numeric_limits<double>::infinity();
  static double of(double a, double b) noexcept { return std::min(a, b); }
  static Four of_rows(Four a, Four b) noexcept { return b < a ? b : a; }
};
struct Highest {
  static constexpr double none = -std::numeric_limits<double>::infinity();
  static double of(double a, double b) noexcept { return std::max(a, b); }
  static Four of_rows(Four a, Four b) noexcept { return a < b ? b : a; }
};

/// Extreme of the last w observations. The rows are cut into blocks of the window's length: a window is the end of one
/// block and the start of the next (van Herk 1992; Gil, Werman 1993). The ends are taken once, as a block closes; the
/// start is one comparison a row.
template <class Extreme>
struct BlockExtreme {
  double start = Extreme::none;  // of the open block so far

  static std::size_t doubles(std::int64_t window) noexcept { return static_cast<std::size_t>(window); }

  /// Takes in x[0] and answers for the last min(count, window) of x. `ends` is memory for `doubles(window)`.
  /// REQUIRES: x looks back at least window - 1.
  double slide(Past x, std::int64_t window, double* ends) noexcept {
    const auto count = static_cast<std::int64_t>(x.count);
    const std::int64_t place = (count - 1) % window;
    start = place == 0 ? x[0] : Extreme::of(start, x[0]);
    if (place == window - 1) {
      double extreme = Extreme::none;
      for (std::int64_t k = 0; k < window; ++k) ends[window - 1 - k] = extreme = Extreme::of(extreme, x[k]);
      return start;
    }
    return count > window ? Extreme::of(start, ends[place + 1]) : start;
  }

  static constexpr std::size_t rows_at_once = 4 * block_rows;

  /// `slide` for the rows of a full window at x, x + 1, …, of which `count` observations lie before the first.
  /// REQUIRES: x looks back at least window - 1 observations.
  void slide_all(const double* x, std::size_t rows, std::int64_t window, std::uint64_t count, double* ends,
                 double* values) noexcept {
    std::size_t known = 0;  // rows that the state has seen
    for (std::size_t from = 0; from < rows; from += rows_at_once) {
      const std::size_t to = std::min(rows, from + rows_at_once);
      const bool is_fast = static_cast<std::size_t>(window) <= to - from;
      if (is_fast && by_lengths(x + from, to - from, window, values + from)) continue;
      skip(x + known, from - known, window, count + known, ends);
      for (known = from; known < to; ++known) {
        values[known] = form::finite_or_null(slide(Past{x + known, count + known + 1}, window, ends));
      }
    }
    skip(x + known, rows - known, window, count + known, ends);
  }

 private:
  /// Of all windows that end with the rows, those of the lengths 1, 2, 4, … at once, the last two of which overlap.
  /// False where a zero is among the results: which of two zeros it is depends on the order of comparisons.
  static bool by_lengths(const double* x, std::size_t rows, std::int64_t window, double* values) noexcept {
    std::array<double, 2 * rows_at_once + 2 * lanes> of;  // by first observation: the extreme of as many as `length`
    const auto w = static_cast<std::size_t>(window);
    std::size_t length = 1, left = rows + w - 1;
    const auto at = [&](std::size_t i, std::size_t further) {
      return Extreme::of_rows(load_four(of.data() + i), load_four(of.data() + i + further));
    };
    const double* const first = x - (w - 1);
    if (w >= 4) {
      left -= 3;
      length = 4;
      const auto of_four = [](const double* from) {
        return Extreme::of_rows(Extreme::of_rows(load_four(from), load_four(from + 1)),
                                Extreme::of_rows(load_four(from + 2), load_four(from + 3)));
      };
      std::size_t i = 0;
      for (; i + lanes <= left; i += lanes) store_four(of.data() + i, of_four(first + i));
      double rest[2 * lanes];
      std::fill_n(std::copy_n(first + i, left + 3 - i, rest), 2 * lanes - (left + 3 - i), Extreme::none);
      store_four(of.data() + i, of_four(rest));
    } else {
      std::copy_n(first, left, of.data());
    }
    std::fill_n(of.data() + left, lanes, Extreme::none);
    for (; 4 * length <= w; length *= 4) {
      left -= 3 * length;
      for (std::size_t i = 0; i < left; i += lanes) {
        store_four(of.data() + i, Extreme::of_rows(at(i, length), at(i + 2 * length, length)));
      }
    }
    if (2 * length <= w) {
      left -= length;
      for (std::size_t i = 0; i < left; i += lanes) store_four(of.data() + i, at(i, length));
      length *= 2;
    }
    FourBits has_zero{};
    const auto take = [&](std::size_t i, double* to) {
      const Four extreme = at(i, w - length);
      has_zero |= extreme == 0.0;
      store_four(to, extreme);
    };
    std::size_t i = 0;
    for (; i + lanes <= rows; i += lanes) take(i, values + i);
    if (i < rows) {
      double rest[lanes];
      take(i, rest);
      std::copy_n(rest, rows - i, values + i);
    }
    return !any_of(has_zero);
  }
  /// The state behind the rows. A block that closed in them leaves its ends, and the open one its start.
  void skip(const double* x, std::size_t rows, std::int64_t window, std::uint64_t count, double* ends) noexcept {
    const auto w = static_cast<std::uint64_t>(window);
    const std::uint64_t after = count + rows, open = after % w;  // observations in the open block
    const double* const newest = x + rows;
    if (after / w > count / w) {
      const double* const last = newest - open - 1;
      double extreme = Extreme::none;
      for (std::int64_t k = 0; k < window; ++k) ends[window - 1 - k] = extreme = Extreme::of(extreme, last[-k]);
    }
    const std::uint64_t length = open == 0 ? w : open;
    if (length <= rows) start = newest[-static_cast<std::int64_t>(length)];
    for (const double* at = newest - std::min<std::uint64_t>(length, rows); at < newest; ++at) {
      start = Extreme::of(start, *at);
    }
  }
};

/// Forms of a rolling extreme of a kernel with parameters `P`.
template <class P, class Extreme>
struct RollingExtreme {
  struct ByRow {
    using State = BlockExtreme<Extreme>;
    static std::int64_t lookback(const P& p) { return p.window.rows - 1; }
    static std::size_t tail(const P& p) { return State::doubles(p.window.rows); }

    static double update(const P& p, State& s, Past x, Tail ends) noexcept {
      const double extreme = s.slide(x, p.window.rows, ends);
      return std::min(static_cast<std::int64_t>(x.count), p.window.rows) >= p.window.needed(1) ? extreme : no_value;
    }
    static void run(const P& p, State& s, Tail ends, const Frame& frame) noexcept {
      const double* x = frame.in[0];
      const std::int64_t window = p.window.rows;
      const std::size_t cold = rows_until(frame, window);
      for (std::size_t row = 0; row < cold; ++row) {
        form::store(frame, row, update(p, s, Past{x + row, frame.count + row + 1}, ends));
      }
      s.slide_all(x + cold, frame.rows - cold, window, frame.count + cold, ends, frame.out[0] + cold);
    }
  };

  struct ByTime {
    struct Content {
      double extreme = Extreme::none;
    };
    static constexpr std::int64_t fewest = 1;
    static void add(const P&, Content& c, form::NoCarry&, const double* x, double) noexcept {
      c.extreme = Extreme::of(c.extreme, x[0]);
    }
    static void merge(Content& older, const Content& newer) noexcept {
      older.extreme = Extreme::of(older.extreme, newer.extreme);
    }
    static double value(const P&, const Content& c, const form::NoCarry&, const double*, double) noexcept {
      return c.extreme;
    }
  };
};

}  // namespace millrace
