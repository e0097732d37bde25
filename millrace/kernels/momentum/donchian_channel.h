#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/window_extreme.h"

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
          "Donchian (1960), Commodities: High Finance in Copper; Lemire (2006), Nordic J. Computing 13, 328-339",
  };

  struct Params {
    Window window{.rows = 20};
    bool include_current = false;
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows, 1, "bars"),
                                     flag<&Params::include_current>("include_current", "counts the newest bar too")};

  struct State {
    WindowExtreme high, low;
  };
  static constexpr std::array inputs{InputInfo{"high"}, InputInfo{"low"}};
  static constexpr std::array outputs{OutputInfo{"donchian_high"}, OutputInfo{"donchian_low"},
                                      OutputInfo{"donchian_mid"}};
  static std::int64_t lookback(const Params& p) { return p.window.rows; }
  static std::size_t tail(const Params& p) { return 2 * WindowExtreme::doubles(p.window.rows); }

  static std::array<double, 3> update(const Params& p, State& s, Past high, Past low, Tail tail) noexcept {
    const std::int64_t w = p.window.rows, left_out = p.include_current ? 0 : 1;
    double* const highs = tail;
    double* const lows = tail + WindowExtreme::doubles(w);
    s.high.drop(highs, high, w, w + left_out);
    s.low.drop(lows, low, w, w + left_out);
    if (p.include_current) push(s, highs, lows, high, low, w);
    const std::int64_t n = std::min(static_cast<std::int64_t>(high.count) - left_out, w);
    std::array<double, 3> out{no_value, no_value, no_value};
    if (n >= p.window.needed(1)) {
      out[0] = s.high.value(highs, high);
      out[1] = s.low.value(lows, low);
      out[2] = 0.5 * (out[0] + out[1]);
    }
    if (!p.include_current) push(s, highs, lows, high, low, w);
    return out;
  }

 private:
  static void push(State& s, double* highs, double* lows, Past high, Past low, std::int64_t w) noexcept {
    s.high.push(highs, high, w, 1.0);
    s.low.push(lows, low, w, -1.0);
  }
};

}  // namespace millrace
