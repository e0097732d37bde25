#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/extreme.h"

namespace millrace {

/// The bars before, without the newest: otherwise no bar could ever break out.
struct DonchianChannel {
  static constexpr Doc doc{
      .name = "donchian_channel",
      .title = "Highest high and lowest low of the bars before",
      .formula = "max of high and min of low over the previous bars;  mid = their mean",
      .unit = "unit of high and low",
      .warmup = "the window before the bar",
      .reference =
          "Donchian (1960), Commodities: High Finance in Copper; van Herk (1992), Pattern Recognition Letters 13, "
          "517-521",
  };

  struct Params {
    Window window{.rows = 20};
    bool include_current = false;
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows, 1, "bars"),
                                     flag<&Params::include_current>("include_current", "counts the newest bar too")};

  struct State {
    BlockExtreme<Highest> high;
    BlockExtreme<Lowest> low;
    double top = no_value, bottom = no_value;  // of the window that ends with the bar before
  };
  static constexpr std::array inputs{InputInfo{"high"}, InputInfo{"low"}};
  static constexpr std::array outputs{OutputInfo{"donchian_high"}, OutputInfo{"donchian_low"},
                                      OutputInfo{"donchian_mid"}};
  static std::int64_t lookback(const Params& p) { return p.window.rows; }
  static std::size_t tail(const Params& p) {
    return BlockExtreme<Highest>::doubles(p.window.rows) + BlockExtreme<Lowest>::doubles(p.window.rows);
  }

  static std::array<double, 3> update(const Params& p, State& s, Past high, Past low, Tail tail) noexcept {
    const std::int64_t w = p.window.rows;
    const double before_top = s.top, before_bottom = s.bottom;
    s.top = s.high.slide(high, w, tail);
    s.bottom = s.low.slide(low, w, tail + BlockExtreme<Highest>::doubles(w));
    const double top = p.include_current ? s.top : before_top;
    const double bottom = p.include_current ? s.bottom : before_bottom;
    const std::int64_t n = std::min(static_cast<std::int64_t>(high.count) - (p.include_current ? 0 : 1), w);
    if (n < p.window.needed(1)) return {no_value, no_value, no_value};
    return {top, bottom, 0.5 * (top + bottom)};
  }

  static void run(const Params& p, State& s, Tail tail, const Frame& frame) noexcept {
    constexpr std::size_t at_once = BlockExtreme<Highest>::rows_at_once;
    const double *high = frame.in[0], *low = frame.in[1];
    const std::int64_t w = p.window.rows;
    double* const lows = tail + BlockExtreme<Highest>::doubles(w);
    const auto each = [&](std::size_t from, std::size_t to) {
      for (std::size_t row = from; row < to; ++row) {
        const std::uint64_t count = frame.count + row + 1;
        form::store(frame, row, update(p, s, Past{high + row, count}, Past{low + row, count}, tail));
      }
    };
    const std::size_t cold = rows_until(frame, w);
    each(0, cold);
    for (std::size_t from = cold; from < frame.rows; from += at_once) {
      const std::size_t rows = std::min(frame.rows - from, at_once);
      if (!BlockExtreme<Highest>::is_fast(rows, w)) {
        each(from, from + rows);
        continue;
      }
      double tops[at_once + 1], bottoms[at_once + 1];
      tops[0] = s.top;
      bottoms[0] = s.bottom;
      s.high.slide_all(high + from, rows, w, frame.count + from, tail, tops + 1);
      s.low.slide_all(low + from, rows, w, frame.count + from, lows, bottoms + 1);
      s.top = tops[rows];
      s.bottom = bottoms[rows];
      const std::size_t shown = p.include_current ? 1 : 0;
      show(tops + shown, bottoms + shown, rows, frame, from);
    }
  }

 private:
  static void show(const double* tops, const double* bottoms, std::size_t rows, const Frame& frame,
                   std::size_t from) noexcept {
    double *const top = frame.out[0] + from, *const bottom = frame.out[1] + from, *const mid = frame.out[2] + from;
    std::size_t i = 0;
    for (; i + lanes <= rows; i += lanes) {
      const Four high = load_four(tops + i), low = load_four(bottoms + i);
      store_four(top + i, high);
      store_four(bottom + i, low);
      store_four(mid + i, finite_or_null(0.5 * (high + low)));
    }
    for (; i < rows; ++i) {
      top[i] = tops[i];
      bottom[i] = bottoms[i];
      mid[i] = form::finite_or_null(0.5 * (tops[i] + bottoms[i]));
    }
  }
};

}  // namespace millrace
