#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/pair_sums.h"
#include "millrace/kernels/numerics/two_passes.h"

namespace millrace {

/// Pearson's correlation of w pairs, so it needs w + lag observations; they outlive any chunk of rows.
struct Autocorr {
  static constexpr Doc doc{
      .name = "autocorr",
      .title = "Correlation of the series with its own past",
      .formula = "Pearson correlation of the pairs (x[t-i], x[t-i-lag]), i = 0 ... window-1",
      .unit = "1, from -1 to +1",
      .warmup = "window + lag observations",
      .reference = "Box, Jenkins (1970), Time Series Analysis, ch. 2",
  };
  static constexpr std::uint16_t version = 2;

  struct Params {
    std::int64_t lag = 1;
    Window window{.rows = 100};
  };
  static constexpr std::array params{
      number<&Params::lag>("lag", 1, 1e6, "observations between the two sides of a pair"),
      window<&Params::window>("window", by_rows, 2, "pairs")};

  using State = PairSums;
  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"autocorr"}};
  static std::int64_t lookback(const Params& p) { return p.window.rows + p.lag; }

  static double update(const Params& p, State& s, Past x) noexcept {
    const std::int64_t pairs = static_cast<std::int64_t>(x.count) - p.lag;
    if (pairs <= 0) return no_value;
    s.slide(x, Past{x.newest - p.lag, x.count}, pairs, p.window.rows);
    const std::int64_t n = std::min(pairs, p.window.rows);
    return n >= p.window.needed(2) ? s.now().correlation(static_cast<double>(n)) : no_value;
  }

  /// The sums of all rows one after the other, then the correlations at once.
  static void run(const Params& p, State& s, Tail, const Frame& frame) noexcept {
    const double* x = frame.in[0];
    const std::int64_t lag = p.lag, window = p.window.rows;
    const auto full = static_cast<std::uint64_t>(lag + window);
    std::size_t row = 0;
    for (; row < frame.rows && frame.count + row < full; ++row) {
      form::store(frame, row, update(p, s, Past{x + row, frame.count + row + 1}));
    }
    while (row < frame.rows) {
      const std::size_t from = row, to = std::min(frame.rows, row + block_rows);
      PairsByRow by_row;
      s.slide_all(x + from, x + from - lag, to - from, window, by_row);
      row = to;
      const auto n = static_cast<double>(window);
      by_row.correlations(to - from, n, frame.out[0] + from);
    }
  }
};

}  // namespace millrace
