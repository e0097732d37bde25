#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/hampel.h"

namespace millrace {

/// Judges by the prior window, so that nothing of the future is used, and the window keeps the raw values: a new level
/// is a run of outliers only until half of the window has seen it.
struct RobustHampel {
  static constexpr Doc doc{
      .name = "robust_hampel",
      .title = "Value with outliers replaced by the median before them",
      .formula = "median where |x - median| > k * scale * MAD over the w observations before, else x; flag 1 or 0",
      .unit = "unit of x; flag",
      .warmup = "window + 1 observations",
      .reference = "Hampel (1974), JASA 69, 383-393; Pearson (2002), IEEE Trans. Control Systems 10, 55-63",
  };

  struct Params {
    Window window{.rows = 100};
    double k = 3.0, scale = 1.4826, tick = 0.0;
  };
  static constexpr std::array params{
      window<&Params::window>("window", by_rows, 2, "prior observations"),
      number<&Params::k>("k", 0.0, 1e6, "limit, in standard deviations"),
      number<&Params::scale>("scale", 0.0, 1e6, "standard deviation of a MAD of 1"),
      number<&Params::tick>("tick", 0.0, 1e300, "unit of the limit where the window is constant")};

  using State = SortedWindow;
  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"hampel"}, OutputInfo{.name = "hampel_flag", .is_flag = true}};

  static std::int64_t lookback(const Params& p) { return p.window.rows; }
  static std::size_t tail(const Params& p) { return static_cast<std::size_t>(p.window.rows); }

  static std::array<double, 2> update(const Params& p, State& s, Past x, Tail sorted) noexcept {
    std::array<double, 2> values{no_value, no_value};
    if (s.held >= p.window.needed(1)) {
      const double median = quantile(sorted, s.held, 0.5);
      const bool is_outlier = HampelRule{p.k, p.scale, p.tick}.is_outlier(sorted, s.held, median, x[0]);
      values = {is_outlier ? median : x[0], is_outlier ? 1.0 : 0.0};
    }
    s.slide(x, p.window.rows, sorted);
    return values;
  }
};

}  // namespace millrace
