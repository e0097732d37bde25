#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/momentum/atr.h"
#include "millrace/kernels/numerics/two_passes.h"

namespace millrace {

/// Wilder's own sums: n changes to start with, then each takes the place of an n-th of the sum.
struct Adx {
  static constexpr Doc doc{
      .name = "adx",
      .title = "Average directional index",
      .formula =
          "di = 100 * sum of moves up (down) / sum of true ranges;  dx = 100 * |di+ - di-| / (di+ + di-);  "
          "adx += (dx - adx) / n after a mean of the first n",
      .unit = "0 to 100",
      .warmup = "di: period + 1 bars; adx: 2 * period",
      .reference = "Wilder (1978), New Concepts in Technical Trading Systems, ch. 4",
  };

  struct Params {
    std::int64_t period = 14;
  };
  static constexpr std::array params{number<&Params::period>("period", 1, 1e6, "changes in the first sums")};

  struct State {
    double high = no_value, low = no_value, close = no_value;  // of the bar before
    double plus = 0.0, minus = 0.0, range = 0.0;               // sums
    double average = 0.0;
    std::int64_t changes = 0, indices = 0;
  };
  static constexpr std::array inputs{InputInfo{"high"}, InputInfo{"low"}, InputInfo{"close"}};
  static constexpr std::array outputs{OutputInfo{"adx"}, OutputInfo{"plus_di"}, OutputInfo{"minus_di"}};

  static void take(double& sum, double value, const State& s, const Params& p) noexcept {
    if (s.changes > p.period) sum -= sum / static_cast<double>(p.period);
    sum += value;
  }
  static double average(const Params& p, State& s, double index) noexcept {
    const auto n = static_cast<double>(p.period);
    if (s.indices < p.period) {
      s.average += index;  // a sum until the first average is due
      if (++s.indices < p.period) return no_value;
      s.average /= n;
    } else {
      s.average += (index - s.average) / n;
    }
    return s.average;
  }
  static std::array<double, 3> update(const Params& p, State& s, double high, double low, double close) noexcept {
    const State before = s;
    s.high = high;
    s.low = low;
    s.close = close;
    if (std::isnan(before.close)) return {no_value, no_value, no_value};
    const double up = high - before.high, down = before.low - low;
    ++s.changes;
    take(s.plus, up > down && up > 0.0 ? up : 0.0, s, p);
    take(s.minus, down > up && down > 0.0 ? down : 0.0, s, p);
    take(s.range, Atr::true_range(high, low, before.close), s, p);
    if (s.changes < p.period || !(s.range > 0.0)) return {no_value, no_value, no_value};
    const double plus = 100.0 * s.plus / s.range, minus = 100.0 * s.minus / s.range;
    const double both = s.plus + s.minus;
    const bool has_index = both > 0.0;
    return {has_index ? average(p, s, 100.0 * std::abs(s.plus - s.minus) / both) : no_value, plus, minus};
  }

  /// Once the sums are full: they side by side, with the index behind them, then what is shown of them.
  static void run(const Params& p, State& state, Tail, const Frame& frame) noexcept {
    const double *high = frame.in[0], *low = frame.in[1], *close = frame.in[2];
    std::size_t row = 0;
    for (; row < frame.rows && (row == 0 || state.changes <= p.period); ++row) {
      form::store(frame, row, update(p, state, high[row], low[row], close[row]));
    }
    State s = state;
    const auto n = static_cast<double>(p.period);
    Four sums{s.plus, s.minus, s.range, 0.0};
    while (row < frame.rows) {
      const std::size_t from = row, to = std::min(frame.rows, row + block_rows);
      double ups[block_rows], downs[block_rows], ranges[block_rows], averages[block_rows];
      for (std::size_t i = from; i < to; ++i) {
        const double up = high[i] - high[i - 1], down = low[i - 1] - low[i];
        ups[i - from] = up > down && up > 0.0 ? up : 0.0;
        downs[i - from] = down > up && down > 0.0 ? down : 0.0;
        ranges[i - from] = Atr::true_range(high[i], low[i], close[i - 1]);
      }
      for (; row < to; ++row) {
        const std::size_t i = row - from;
        sums -= sums / n;
        sums += Four{ups[i], downs[i], ranges[i], 0.0};
        const double plus = sums[0], minus = sums[1], range = sums[2], both = plus + minus;
        const bool has_index = range > 0.0 && both > 0.0;
        averages[i] = has_index ? average(p, s, 100.0 * std::abs(plus - minus) / both) : no_value;
        ups[i] = plus;
        downs[i] = minus;
        ranges[i] = range;
      }
      store_block(frame, from, to, [&](std::size_t at) {
        const std::size_t i = at - from;
        const double plus = 100.0 * ups[i] / ranges[i], minus = 100.0 * downs[i] / ranges[i];
        const bool is_shown = ranges[i] > 0.0;
        return std::array{averages[i], is_shown ? plus : no_value, is_shown ? minus : no_value};
      });
      s.changes += static_cast<std::int64_t>(to - from);
    }
    s.plus = sums[0];
    s.minus = sums[1];
    s.range = sums[2];
    if (frame.rows > 0) {
      s.high = high[frame.rows - 1];
      s.low = low[frame.rows - 1];
      s.close = close[frame.rows - 1];
    }
    state = s;
  }
};

}  // namespace millrace
