#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/exponential.h"

namespace millrace {

/// Wilder's own start: the first averages are plain means of the first n changes. A flat series is 50, and no epsilon
/// makes a coin of 1e-7 look flat.
struct Rsi {
  static constexpr Doc doc{
      .name = "rsi",
      .title = "Relative strength index",
      .formula =
          "100 * G / (G + L);  G, L averages of gains and losses, avg += (v - avg) / n after a mean of the first n",
      .unit = "0 to 100; 50 where nothing moved",
      .warmup = "period + 1 observations",
      .reference = "Wilder (1978), New Concepts in Technical Trading Systems, ch. 6",
  };
  static constexpr std::uint16_t version = 2;

  struct Params {
    std::int64_t period = 14;
  };
  static constexpr std::array params{number<&Params::period>("period", 1, 1e6, "changes in the first averages")};

  struct State {
    double last = 0.0, gain = 0.0, loss = 0.0;
    std::int64_t count = 0;  // observations
  };
  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"rsi"}};

  static Smoothing smoothing(const Params& p) noexcept { return Smoothing(1.0 / static_cast<double>(p.period)); }

  static double update(const Params& p, State& s, double x) noexcept {
    const double change = s.count == 0 ? 0.0 : x - s.last;
    const double up = std::max(change, 0.0), down = std::max(-change, 0.0);
    s.last = x;
    if (s.count <= p.period) {
      // Sums until the first averages are due.
      s.gain += up;
      s.loss += down;
      if (s.count++ < p.period) return no_value;
      s.gain /= static_cast<double>(p.period);
      s.loss /= static_cast<double>(p.period);
    } else {
      const Smoothing step = smoothing(p);
      s.gain = step.after(s.gain, up);
      s.loss = step.after(s.loss, down);
    }
    return index(s.gain, s.loss);
  }

  static double index(double gain, double loss) noexcept {
    const double all = gain + loss;
    return all > 0.0 ? 100.0 * gain / all : 50.0;
  }

  static void run(const Params& p, State& state, Tail, const Frame& frame) noexcept {
    const double* x = frame.in[0];
    std::size_t row = 0;
    const auto each = [&](std::size_t end) {
      for (; row < end; ++row) form::store(frame, row, update(p, state, x[row]));
    };
    while (row < frame.rows && (row == 0 || state.count <= p.period)) each(row + 1);
    State s = state;
    const Smoothing step = smoothing(p);
    const Four none{}, middle = none + 50.0;
    for (; row + lanes <= frame.rows; row += lanes) {
      const Four change = load_four(x + row) - load_four(x + row - 1);
      const Four gain = step.after_rows(s.gain, change < 0.0 ? none : change);
      const Four loss = step.after_rows(s.loss, -change < 0.0 ? none : -change);
      const Four all = gain + loss;
      const Four index = 100.0 * gain / all;
      store_four(frame.out[0] + row, finite_or_null(all > 0.0 ? index : middle));
      s.last = x[row + lanes - 1];
    }
    state = s;
    each(frame.rows);
  }
};

}  // namespace millrace
