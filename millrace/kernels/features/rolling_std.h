#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/two_passes.h"

namespace millrace {

struct RollingStd {
  static constexpr Doc doc{
      .name = "rolling_std",
      .title = "Standard deviation of the window",
      .formula = "sqrt(sum of (x - mean)^2 / (n - ddof))",
      .unit = "unit of x",
      .warmup = "the window",
      .reference = "Chan, Golub, LeVeque (1983), The American Statistician 37, 242-247",
  };
  static constexpr std::uint16_t version = 2;

  struct Params {
    Window window{.rows = 20};
    std::int64_t ddof = 1;
  };
  static constexpr std::array params{
      window<&Params::window>("window", by_rows | by_time, 2, "observations, or a duration"),
      number<&Params::ddof>("ddof", 0, 1, "n - ddof divides the sum of squares")};

  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"std"}};

  static double deviation(const Params& p, const Moments& m) noexcept {
    return std::sqrt(m.m2 * (1.0 / (m.n - static_cast<double>(p.ddof))));
  }

  struct ByRow {
    using State = PowerSums<2>;
    static std::int64_t lookback(const Params& p) { return p.window.rows; }

    static double update(const Params& p, State& s, Past x) noexcept {
      s.slide(x, p.window.rows);
      const std::int64_t n = std::min(static_cast<std::int64_t>(x.count), p.window.rows);
      return n >= p.window.needed(2) ? value(p, static_cast<double>(n), s.now(), x[0]) : no_value;
    }
    static double value(const Params& p, double n, const Powers& s, double) noexcept {
      return deviation(p, s.moments(n));
    }
    static void run(const Params& p, State& s, Tail, const Frame& frame) noexcept {
      run_in_two_passes<ByRow>(p, s, p.window.rows, false, frame);
    }
  };

  struct ByTime {
    using Content = BucketMoments;
    static constexpr std::int64_t fewest = 2;
    static void add(const Params&, Content& c, form::NoCarry&, const double* x, double origin) noexcept {
      c.add(x[0] - origin);
    }
    static void merge(Content& older, const Content& newer) noexcept { older.merge(newer); }
    static double value(const Params& p, const Content& c, const form::NoCarry&, const double*,
                        double origin) noexcept {
      return deviation(p, c.moments(origin));
    }
  };
};

}  // namespace millrace
