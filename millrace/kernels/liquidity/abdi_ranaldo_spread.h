#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/bar.h"
#include "millrace/kernels/numerics/window_terms.h"

namespace millrace {

/// The close against the middles of its own bar and of the next; a pair is complete when the next bar is.
struct AbdiRanaldoSpread {
  static constexpr Doc doc{
      .name = "abdi_ranaldo_spread",
      .title = "Spread from close, high and low",
      .formula = "mean of sqrt(max(0, 4 * (c[t] - m[t]) * (c[t] - m[t+1])));  c = ln close, m = (ln high + ln low) / 2",
      .unit = "1 (share of the price)",
      .warmup = "window + 1 bars",
      .reference = "Abdi, Ranaldo (2017), Review of Financial Studies 30, 4437-4480",
  };

  struct Params {
    Window window{.rows = 20};
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows, 1, "pairs of bars")};

  struct State {
    double close = no_value, distance = no_value;  // of the bar before, and its close from its own middle
    WindowSum sum;
    Trail pairs;
  };
  static constexpr std::array inputs{InputInfo{"high"}, InputInfo{"low"}, InputInfo{"close"}};
  static constexpr std::array outputs{OutputInfo{"abdi_ranaldo_spread"}};
  static std::size_t tail(const Params& p) { return Trail::doubles(p.window.rows); }

  static double from_middle(double close, double high, double low) noexcept {
    return 0.5 * (log_ratio(close, high) + log_ratio(close, low));
  }
  static double update(const Params& p, State& s, double high, double low, double close, Tail tail) noexcept {
    if (!is_bar(close, high, low, close)) return no_value;
    const double pair = 4.0 * s.distance * from_middle(s.close, high, low);
    s.close = close;
    s.distance = from_middle(close, high, low);
    if (std::isnan(pair)) return no_value;
    const Past pairs = s.pairs.push(tail, p.window.rows, std::sqrt(std::max(0.0, pair)));
    slide_terms<1>(s.sum, pairs, p.window.rows, [&](std::int64_t k) { return pairs[k]; });
    const std::int64_t n = rows_in(pairs, p.window.rows);
    return n >= p.window.needed(1) ? s.sum.value() / static_cast<double>(n) : no_value;
  }
};

}  // namespace millrace
