#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/exponential.h"

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
  static constexpr std::uint16_t version = 2;

  struct Params {
    std::int64_t period = 14;
  };
  static constexpr std::array params{number<&Params::period>("period", 1, 1e6, "true ranges in the first average")};

  struct State {
    double close = no_value;  // of the bar before
    double averages[4] = {};  // the newest last; until the first is due, that place holds a sum
    double shares[3] = {};    // what the newest ranges gave to an average, in the same order
    std::int64_t count = 0;   // true ranges
  };
  static constexpr std::array inputs{InputInfo{"high"}, InputInfo{"low"}, InputInfo{"close"}};
  static constexpr std::array outputs{OutputInfo{"atr"}, OutputInfo{"tr"}};

  static SmoothingByFour smoothing(const Params& p) noexcept {
    return SmoothingByFour(1.0 / static_cast<double>(p.period));
  }

  static double true_range(double high, double low, double before) noexcept {
    return std::max(high - low, std::max(std::abs(high - before), std::abs(low - before)));
  }
  static std::array<double, 2> update(const Params& p, State& s, double high, double low, double close) noexcept {
    const double before = s.close;
    s.close = close;
    if (std::isnan(before)) return {no_value, no_value};
    const double range = true_range(high, low, before);
    const double average = next_average(p, s, range);
    return {s.count < p.period ? no_value : average, range};
  }

  /// The first four averages each wait for the one before, all later ones for that four before.
  static double next_average(const Params& p, State& s, double range) noexcept {
    const SmoothingByFour step = smoothing(p);
    const double newest = s.averages[3];
    const double share = step.taken * range, since[] = {s.shares[0], s.shares[1], s.shares[2], share};
    std::copy(since + 1, since + 4, s.shares);
    if (s.count++ < p.period) {
      const double sum = newest + range;
      return s.averages[3] = s.count < p.period ? sum : sum / static_cast<double>(p.period);
    }
    const bool has_four = s.count > p.period + 3;
    const double average = has_four ? step.after(s.averages[0], since) : std::fma(step.kept, newest, share);
    std::copy(s.averages + 1, s.averages + 4, s.averages);
    return s.averages[3] = average;
  }

  static void run(const Params& p, State& state, Tail, const Frame& frame) noexcept {
    const double *high = frame.in[0], *low = frame.in[1], *close = frame.in[2];
    std::size_t row = 0;
    const auto each = [&](std::size_t end) {
      for (; row < end; ++row) form::store(frame, row, update(p, state, high[row], low[row], close[row]));
    };
    while (row < frame.rows && (row == 0 || state.count < p.period + 3)) each(row + 1);
    const SmoothingByFour step = smoothing(p);
    Four averages = load_four(state.averages);
    double shares[3 + block_rows];
    std::copy_n(state.shares, 3, shares);
    while (row + lanes <= frame.rows) {
      const std::size_t from = row, rows = std::min(block_rows, (frame.rows - row) / lanes * lanes);
      for (std::size_t i = 0; i < rows; i += lanes) {
        const std::size_t at = from + i;
        const Four range = true_range(load_four(high + at), load_four(low + at), load_four(close + at - 1));
        store_four(frame.out[1] + at, finite_or_null(range));
        store_four(shares + 3 + i, step.taken * range);
      }
      for (std::size_t i = 0; i < rows; i += lanes) {
        averages = step.after_rows(averages, shares + 3 + i);
        store_four(frame.out[0] + from + i, finite_or_null(averages));
      }
      std::copy_n(shares + rows, 3, shares);
      state.count += static_cast<std::int64_t>(rows);
      row += rows;
    }
    store_four(state.averages, averages);
    std::copy_n(shares, 3, state.shares);
    if (row > 0) state.close = close[row - 1];
    each(frame.rows);
  }

  static Four true_range(Four high, Four low, Four before) noexcept {
    return larger_of(high - low, larger_of(magnitude_of(high - before), magnitude_of(low - before)));
  }
};

}  // namespace millrace
