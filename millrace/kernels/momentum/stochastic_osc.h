#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/extreme.h"
#include "millrace/kernels/numerics/window_terms.h"

namespace millrace {

/// The second line trails the first; centred, it would know the next bar.
struct StochasticOsc {
  static constexpr Doc doc{
      .name = "stochastic_osc",
      .title = "Place of the close within the range of the last bars",
      .formula =
          "k = 100 * (close - min low) / (max high - min low) over k_period bars;  d = mean of the last d_period k",
      .unit = "0 to 100",
      .warmup = "k: k_period bars; d: k_period + d_period - 1",
      .reference = "Lane (1984), Technical Analysis of Stocks and Commodities 2:3",
  };

  struct Params {
    std::int64_t k_period = 14, d_period = 3;
  };
  static constexpr std::array params{number<&Params::k_period>("k_period", 1, 1e6, "bars in the range"),
                                     number<&Params::d_period>("d_period", 1, 1e6, "values of k in the mean")};

  struct State {
    BlockExtreme<Highest> high;
    BlockExtreme<Lowest> low;
    WindowSum sum;
    Trail places;
  };
  static constexpr std::array inputs{InputInfo{"high"}, InputInfo{"low"}, InputInfo{"close"}};
  static constexpr std::array outputs{OutputInfo{"stoch_k"}, OutputInfo{"stoch_d"}};
  static std::int64_t lookback(const Params& p) { return p.k_period; }
  static std::size_t tail(const Params& p) {
    return BlockExtreme<Highest>::doubles(p.k_period) + BlockExtreme<Lowest>::doubles(p.k_period) +
           Trail::doubles(p.d_period);
  }

  static std::array<double, 2> update(const Params& p, State& s, Past high, Past low, double close,
                                      Tail tail) noexcept {
    const std::int64_t w = p.k_period;
    double* const highs = tail;
    double* const lows = highs + BlockExtreme<Highest>::doubles(w);
    const double top = s.high.slide(high, w, highs), bottom = s.low.slide(low, w, lows);
    if (static_cast<std::int64_t>(high.count) < w) return {no_value, no_value};
    if (!(top > bottom)) return {no_value, no_value};
    const double place = 100.0 * ((close - bottom) / (top - bottom));
    return {place, smooth(p, s, place, lows + BlockExtreme<Lowest>::doubles(w))};
  }

  static void run(const Params& p, State& state, Tail tail, const Frame& frame) noexcept {
    constexpr std::size_t at_once = BlockExtreme<Highest>::rows_at_once;
    const double *high = frame.in[0], *low = frame.in[1], *close = frame.in[2];
    const std::int64_t w = p.k_period;
    double* const lows = tail + BlockExtreme<Highest>::doubles(w);
    const std::size_t cold = rows_until(frame, w);
    for (std::size_t row = 0; row < cold; ++row) {
      const std::uint64_t count = frame.count + row + 1;
      form::store(frame, row, update(p, state, Past{high + row, count}, Past{low + row, count}, close[row], tail));
    }
    for (std::size_t from = cold; from < frame.rows; from += at_once) {
      const std::size_t rows = std::min(frame.rows - from, at_once);
      double tops[at_once], bottoms[at_once], places[at_once];
      state.high.slide_all(high + from, rows, w, frame.count + from, tail, tops);
      state.low.slide_all(low + from, rows, w, frame.count + from, lows, bottoms);
      for (std::size_t i = 0; i < rows; ++i) {
        places[i] = 100.0 * ((close[from + i] - bottoms[i]) / (tops[i] - bottoms[i]));
      }
      State s = state;
      for (std::size_t i = 0; i < rows; ++i) {
        const bool has_range = tops[i] > bottoms[i];
        frame.out[0][from + i] = has_range ? form::finite_or_null(places[i]) : no_value;
        const double d = has_range ? smooth(p, s, places[i], lows + BlockExtreme<Lowest>::doubles(w)) : no_value;
        frame.out[1][from + i] = form::finite_or_null(d);
      }
      state = s;
    }
  }

 private:
  /// The mean of the newest places.
  static double smooth(const Params& p, State& s, double place, double* memory) noexcept {
    const Past places = s.places.push(memory, p.d_period, place);
    slide_terms<1>(s.sum, places, p.d_period, [&](std::int64_t k) { return places[k]; });
    const bool is_full = rows_in(places, p.d_period) == p.d_period;
    return is_full ? s.sum.value() / static_cast<double>(p.d_period) : no_value;
  }
};

}  // namespace millrace
