#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/exponential.h"

namespace millrace {

/// Shown only once the slower average has seen its span, and the signal its own: before that the numbers tell where the
/// series began.
struct Macd {
  static constexpr Doc doc{
      .name = "macd",
      .title = "Moving average convergence divergence",
      .formula = "macd = ema(x, fast) - ema(x, slow);  signal = ema(macd);  hist = macd - signal;  alpha = 2/(span+1)",
      .unit = "unit of x",
      .warmup = "macd slow observations; signal and hist slow + signal - 1",
      .reference = "Appel (1979), The Moving Average Convergence-Divergence Method",
  };
  static constexpr std::uint16_t version = 2;

  struct Params {
    std::int64_t fast = 12, slow = 26, signal = 9;
  };
  static constexpr std::array params{number<&Params::fast>("fast", 1, 1e6, "span of the faster average"),
                                     number<&Params::slow>("slow", 2, 1e6, "span of the slower average, above fast"),
                                     number<&Params::signal>("signal", 1, 1e6, "span of the average over macd")};
  static std::string_view check(const Params& p) { return p.fast < p.slow ? "" : "fast must be below slow"; }

  struct State {
    double fast = 0.0, slow = 0.0, signal = 0.0;
    std::int64_t count = 0;
  };
  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"macd"}, OutputInfo{"macd_signal"}, OutputInfo{"macd_hist"}};

  static Smoothing smoothing(std::int64_t span) noexcept { return Smoothing(2.0 / (static_cast<double>(span) + 1.0)); }

  static std::array<double, 3> update(const Params& p, State& s, double x) noexcept {
    if (s.count++ == 0) s.fast = s.slow = x;
    s.fast = smoothing(p.fast).after(s.fast, x);
    s.slow = smoothing(p.slow).after(s.slow, x);
    if (s.count < p.slow) return {no_value, no_value, no_value};
    const double macd = s.fast - s.slow;
    if (s.count == p.slow) s.signal = macd;
    s.signal = smoothing(p.signal).after(s.signal, macd);
    if (s.count < p.slow + p.signal - 1) return {macd, no_value, no_value};
    return {macd, s.signal, macd - s.signal};
  }

  static void run(const Params& p, State& state, Tail, const Frame& frame) noexcept {
    const double* x = frame.in[0];
    std::size_t row = 0;
    const auto each = [&](std::size_t end) {
      for (; row < end; ++row) form::store(frame, row, update(p, state, x[row]));
    };
    while (row < frame.rows && state.count < p.slow + p.signal) each(row + 1);
    State s = state;
    const Smoothing fast = smoothing(p.fast), slow = smoothing(p.slow), of_macd = smoothing(p.signal);
    for (; row + lanes <= frame.rows; row += lanes) {
      const Four now = load_four(x + row);
      const Four macd = fast.after_rows(s.fast, now) - slow.after_rows(s.slow, now);
      const Four signal = of_macd.after_rows(s.signal, macd);
      store_four(frame.out[0] + row, finite_or_null(macd));
      store_four(frame.out[1] + row, finite_or_null(signal));
      store_four(frame.out[2] + row, finite_or_null(macd - signal));
      s.count += static_cast<std::int64_t>(lanes);
    }
    state = s;
    each(frame.rows);
  }
};

}  // namespace millrace
