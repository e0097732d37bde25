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
  static constexpr std::uint16_t version = 2;

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

  /// What is left of a sum when the next value comes: one n-th has gone.
  static double kept(const Params& p) noexcept { return 1.0 - 1.0 / static_cast<double>(p.period); }
  static Smoothing smoothing(const Params& p) noexcept { return Smoothing(1.0 / static_cast<double>(p.period)); }

  static void take(double& sum, double value, const State& s, const Params& p) noexcept {
    sum = s.changes > p.period ? std::fma(kept(p), sum, value) : sum + value;
  }
  static double average(const Params& p, State& s, double index) noexcept {
    if (s.indices < p.period) {
      s.average += index;  // a sum until the first average is due
      if (++s.indices < p.period) return no_value;
      s.average /= static_cast<double>(p.period);
    } else {
      s.average = smoothing(p).after(s.average, index);
    }
    return s.average;
  }
  static double index_of(double plus, double minus) noexcept { return 100.0 * std::abs(plus - minus) / (plus + minus); }

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
    const bool has_index = s.plus + s.minus > 0.0;
    return {has_index ? average(p, s, index_of(s.plus, s.minus)) : no_value, plus, minus};
  }

  /// Once the sums are full: what moved, the sums side by side, the indices and, one after the other, their averages,
  /// then what is shown of them.
  static void run(const Params& p, State& state, Tail, const Frame& frame) noexcept {
    const double *high = frame.in[0], *low = frame.in[1], *close = frame.in[2];
    std::size_t row = 0;
    for (; row < frame.rows && (row == 0 || state.changes <= p.period); ++row) {
      form::store(frame, row, update(p, state, high[row], low[row], close[row]));
    }
    State s = state;
    for (std::size_t to = row; row < frame.rows; row = to) {
      to = std::min(frame.rows, row + block_rows);
      Block block;
      block.sum(p, s, high + row, low + row, close + row, to - row);
      block.average(p, s, to - row);
      store_block(frame, row, to, [&](std::size_t at) {
        const std::size_t i = at - row;
        const double plus = 100.0 * block.plus[i] / block.range[i], minus = 100.0 * block.minus[i] / block.range[i];
        const bool is_shown = block.range[i] > 0.0;
        return std::array{block.averages[i], is_shown ? plus : no_value, is_shown ? minus : no_value};
      });
      s.changes += static_cast<std::int64_t>(to - row);
    }
    if (frame.rows > 0) {
      s.high = high[frame.rows - 1];
      s.low = low[frame.rows - 1];
      s.close = close[frame.rows - 1];
    }
    state = s;
  }

 private:
  struct Block {
    double plus[block_rows], minus[block_rows], range[block_rows];  // moves, then sums
    double averages[block_rows];

    void sum(const Params& p, State& s, const double* high, const double* low, const double* close,
             std::size_t rows) noexcept {
      for (std::size_t i = 0; i < rows; ++i) {
        const double up = high[i] - *(high + i - 1), down = *(low + i - 1) - low[i];
        plus[i] = up > down && up > 0.0 ? up : 0.0;
        minus[i] = down > up && down > 0.0 ? down : 0.0;
        range[i] = Atr::true_range(high[i], low[i], *(close + i - 1));
      }
      const double left = kept(p);
      for (std::size_t i = 0; i < rows; ++i) {
        plus[i] = s.plus = std::fma(left, s.plus, plus[i]);
        minus[i] = s.minus = std::fma(left, s.minus, minus[i]);
        range[i] = s.range = std::fma(left, s.range, range[i]);
      }
    }
    void average(const Params& p, State& s, std::size_t rows) noexcept {
      bool has_all = s.indices >= p.period;
      for (std::size_t i = 0; i < rows; ++i) {
        averages[i] = index_of(plus[i], minus[i]);
        has_all &= range[i] > 0.0 && plus[i] + minus[i] > 0.0;
      }
      const Smoothing step = smoothing(p);
      for (std::size_t i = 0; i < rows; ++i) {
        if (has_all) {
          averages[i] = s.average = step.after(s.average, averages[i]);
        } else {
          const bool has_index = range[i] > 0.0 && plus[i] + minus[i] > 0.0;
          averages[i] = has_index ? Adx::average(p, s, averages[i]) : no_value;
        }
      }
    }
  };
};

}  // namespace millrace
