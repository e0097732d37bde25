#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/two_passes.h"

namespace millrace {

struct RollingSkew {
  static constexpr Doc doc{
      .name = "rolling_skew",
      .title = "Skewness of the window, bias corrected",
      .formula = "G1 = g1 * sqrt(n (n-1)) / (n-2);  g1 = m3 / m2^1.5",
      .unit = "1",
      .warmup = "the window",
      .reference = "Joanes, Gill (1998), The Statistician 47, 183-189",
  };

  struct Params {
    Window window{.rows = 100};
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows, 3, "observations")};

  using State = PowerSums<3>;
  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"skew"}};
  static std::int64_t lookback(const Params& p) { return p.window.rows; }

  static double update(const Params& p, State& s, Past x) noexcept {
    s.slide(x, p.window.rows);
    const std::int64_t count = std::min(static_cast<std::int64_t>(x.count), p.window.rows);
    if (count < p.window.needed(3)) return no_value;
    return value(p, static_cast<double>(count), s.now(), x[0]);
  }
  static double value(const Params&, double n, const Powers& s, double) noexcept {
    const Moments m = s.moments(n);
    const double correction = n * std::sqrt(n - 1.0) / (n - 2.0);  // of sums, where g1 is of means
    return correction * s.m3(m) / (m.m2 * std::sqrt(m.m2));
  }
  static void run(const Params& p, State& s, Tail, const Frame& frame) noexcept {
    run_in_two_passes<RollingSkew>(p, s, p.window.rows, false, frame);
  }
};

}  // namespace millrace
