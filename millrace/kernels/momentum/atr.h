#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/four.h"

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

  static void run(const Params& p, State& state, Tail, const Frame& frame) noexcept {
    const double *high = frame.in[0], *low = frame.in[1], *close = frame.in[2];
    std::size_t row = 0;
    const auto each = [&](std::size_t end) {
      for (; row < end; ++row) form::store(frame, row, update(p, state, high[row], low[row], close[row]));
    };
    while (row < frame.rows && (row == 0 || state.count < p.period)) each(row + 1);
    double average = state.average;
    const double share = 1.0 / static_cast<double>(p.period);
    for (; row + lanes <= frame.rows; row += lanes) {
      const Four range = true_range(load_four(high + row), load_four(low + row), load_four(close + row - 1));
      store_four(frame.out[0] + row, finite_or_null(follow_rows(average, range, share)));
      store_four(frame.out[1] + row, finite_or_null(range));
    }
    state.average = average;
    if (row > 0) state.close = close[row - 1];
    each(frame.rows);
  }

  static Four true_range(Four high, Four low, Four before) noexcept {
    return larger_of(high - low, larger_of(magnitude_of(high - before), magnitude_of(low - before)));
  }
};

}  // namespace millrace
