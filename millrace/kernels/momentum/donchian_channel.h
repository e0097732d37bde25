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
    const double *high = frame.in[0], *low = frame.in[1];
    const std::int64_t w = p.window.rows;
    double* const lows = tail + BlockExtreme<Highest>::doubles(w);
    const std::size_t cold = rows_until(frame, w);
    for (std::size_t row = 0; row < cold; ++row) {
      const std::uint64_t count = frame.count + row + 1;
      form::store(frame, row, update(p, s, Past{high + row, count}, Past{low + row, count}, tail));
    }
    if (cold == frame.rows) return;
    const std::size_t last = frame.rows - 1;
    const std::uint64_t before = frame.count + cold, count = frame.count + frame.rows;
    double *const top = frame.out[0] + cold, *const bottom = frame.out[1] + cold;
    // Those before the last are shown, one row later where the newest bar does not count.
    const std::size_t later = p.include_current ? 0 : 1;
    if (later == 1) {
      top[0] = s.top;
      bottom[0] = s.bottom;
    }
    s.high.slide_all(high + cold, last - cold, w, before, tail, top + later);
    s.low.slide_all(low + cold, last - cold, w, before, lows, bottom + later);
    s.top = s.high.slide(Past{high + last, count}, w, tail);
    s.bottom = s.low.slide(Past{low + last, count}, w, lows);
    if (later == 0) {
      top[last - cold] = s.top;
      bottom[last - cold] = s.bottom;
    }
    show_middle(top, bottom, frame.rows - cold, frame.out[2] + cold);
  }

 private:
  static void show_middle(const double* top, const double* bottom, std::size_t rows, double* middle) noexcept {
    std::size_t i = 0;
    for (; i + lanes <= rows; i += lanes) {
      store_four(middle + i, finite_or_null(0.5 * (load_four(top + i) + load_four(bottom + i))));
    }
    for (; i < rows; ++i) middle[i] = form::finite_or_null(0.5 * (top[i] + bottom[i]));
  }
};

}  // namespace millrace
