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
};

}  // namespace millrace
