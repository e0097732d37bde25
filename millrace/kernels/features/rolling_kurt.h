#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/two_passes.h"

namespace millrace {

struct RollingKurt {
  static constexpr Doc doc{
      .name = "rolling_kurt",
      .title = "Excess kurtosis of the window, bias corrected",
      .formula = "G2 = (n-1) / ((n-2)(n-3)) * ((n+1) * g2 + 6);  g2 = m4 / m2^2 - 3",
      .unit = "1 (0 for a normal distribution)",
      .warmup = "the window",
      .reference = "Joanes, Gill (1998), The Statistician 47, 183-189",
  };

  struct Params {
    Window window{.rows = 100};
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows, 4, "observations")};

  using State = PowerSums<4>;
  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"kurt"}};
  static std::int64_t lookback(const Params& p) { return p.window.rows; }

  static double update(const Params& p, State& s, Past x) noexcept {
    s.slide(x, p.window.rows);
    const std::int64_t count = std::min(static_cast<std::int64_t>(x.count), p.window.rows);
    if (count < p.window.needed(4)) return no_value;
    return value(p, static_cast<double>(count), s.now(), x[0]);
  }
  static double value(const Params&, double n, const Powers& s, double) noexcept {
    const Moments m = s.moments(n);
    const double g2 = n * s.m4(m) / (m.m2 * m.m2) - 3.0;
    const double correction = (n - 1.0) / ((n - 2.0) * (n - 3.0));
    return correction * ((n + 1.0) * g2 + 6.0);
  }
  static void run(const Params& p, State& s, Tail, const Frame& frame) noexcept {
    run_in_two_passes<RollingKurt>(p, s, p.window.rows, false, frame);
  }
};

}  // namespace millrace
