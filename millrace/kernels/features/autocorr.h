#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/pair_sums.h"

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
    return n >= p.window.needed(2) ? s.correlation(static_cast<double>(n)) : no_value;
  }
};

}  // namespace millrace
