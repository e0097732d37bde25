#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/two_passes.h"

namespace millrace {

/// The first true range is that of the second bar: the first has no close before it.
struct Atr {
  static constexpr Doc doc{
      .name = "atr",
      .title = "Average true range",
      .formula =
          "tr = max(high - low, |high - close before|, |low - close before|);  atr += (tr - atr) / n after a mean of "
          "the first n",
      .unit = "unit of the price",
      .warmup = "period + 1 bars",
      .reference = "Wilder (1978), New Concepts in Technical Trading Systems, ch. 3",
  };

  struct Params {
    std::int64_t period = 14;
  };
  static constexpr std::array params{number<&Params::period>("period", 1, 1e6, "true ranges in the first average")};

  struct State {
    double close = no_value;  // of the bar before
    double average = 0.0;
    std::int64_t count = 0;  // true ranges
  };
  static constexpr std::array inputs{InputInfo{"high"}, InputInfo{"low"}, InputInfo{"close"}};
  static constexpr std::array outputs{OutputInfo{"atr"}, OutputInfo{"tr"}};

  static double true_range(double high, double low, double before) noexcept {
    return std::max(high - low, std::max(std::abs(high - before), std::abs(low - before)));
  }
  static std::array<double, 2> update(const Params& p, State& s, double high, double low, double close) noexcept {
    const double before = s.close;
    s.close = close;
    if (std::isnan(before)) return {no_value, no_value};
    const double range = true_range(high, low, before), share = 1.0 / static_cast<double>(p.period);
    if (s.count < p.period) {
      s.average += range;  // a sum until the first average is due
      if (++s.count < p.period) return {no_value, range};
      s.average *= share;
    } else {
      s.average += (range - s.average) * share;
    }
    return {s.average, range};
  }

  /// All true ranges, then their averages one after the other.
  static void run(const Params& p, State& state, Tail, const Frame& frame) noexcept {
    const double *high = frame.in[0], *low = frame.in[1], *close = frame.in[2];
    std::size_t row = 0;
    for (; row < frame.rows && (row == 0 || state.count < p.period); ++row) {
      form::store(frame, row, update(p, state, high[row], low[row], close[row]));
    }
    double average = state.average;
    const double share = 1.0 / static_cast<double>(p.period);
    while (row < frame.rows) {
      const std::size_t from = row, to = std::min(frame.rows, row + block_rows);
      double ranges[block_rows], averages[block_rows];
      for (std::size_t i = from; i < to; ++i) ranges[i - from] = true_range(high[i], low[i], close[i - 1]);
      for (; row < to; ++row) {
        average += (ranges[row - from] - average) * share;
        averages[row - from] = average;
      }
      store_block(frame, from, to, [&](std::size_t i) { return std::array{averages[i - from], ranges[i - from]}; });
    }
    state.average = average;
    if (frame.rows > 0) state.close = close[frame.rows - 1];
  }
};

}  // namespace millrace
