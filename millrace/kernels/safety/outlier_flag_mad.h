#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/hampel.h"

namespace millrace {

/// A flat history must not switch the guard off: there the mean deviation, and then the tick, is the measure.
struct OutlierFlagMad {
  static constexpr Doc doc{
      .name = "outlier_flag_mad",
      .title = "Flag of a value too far from the median before it",
      .formula = "1 where |x - median| > k * 1.4826 * MAD over the w observations before, else 0",
      .unit = "flag",
      .warmup = "window + 1 observations",
      .reference = "Hampel (1974), JASA 69, 383-393",
  };

  struct Params {
    Window window{.rows = 100};
    double k = 3.0, tick = 0.0;
  };
  static constexpr std::array params{
      window<&Params::window>("window", by_rows, 2, "prior observations"),
      number<&Params::k>("k", 0.0, 1e6, "limit, in standard deviations"),
      number<&Params::tick>("tick", 0.0, 1e300,
                            "unit of the limit where the window is constant, or `instrument`: its price step")};

  using State = SortedWindow;
  static constexpr std::array inputs{
      InputInfo{"x"}, InputInfo{.name = "tick", .is_optional = true, .is_nullable = true, .is_keyword = true}};
  static constexpr std::array outputs{OutputInfo{.name = "outlier_flag", .is_flag = true}};

  static std::int64_t lookback(const Params& p) { return p.window.rows; }
  static std::size_t tail(const Params& p) { return static_cast<std::size_t>(p.window.rows); }

  static double update(const Params& p, State& s, Past x, double tick, Tail sorted) noexcept {
    double flag = no_value;
    if (s.held >= p.window.needed(1)) {
      const double median = quantile(sorted, s.held, 0.5);
      flag = HampelRule{p.k, 1.4826, std::isnan(tick) ? p.tick : tick}.is_outlier(sorted, s.held, median, x[0]) ? 1.0
                                                                                                                : 0.0;
    }
    s.slide(x, p.window.rows, sorted);
    return flag;
  }
};

}  // namespace millrace
