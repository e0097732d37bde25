#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/two_passes.h"

namespace millrace {

/// One value has a mean and no variance: null, not 0.
struct WelfordMeanVar {
  static constexpr Doc doc{
      .name = "welford_mean_var",
      .title = "Mean, variance and standard deviation",
      .formula = "mean += (x - mean) / n;  variance = sum of (x - mean)^2 / (n - ddof)",
      .unit = "unit of x; its square; unit of x",
      .warmup = "expanding: mean 1, variance 2 observations; else the window",
      .reference =
          "Welford (1962), Technometrics 4, 419-420; Chan, Golub, LeVeque (1983), Am. Statistician 37, 242-247",
  };
  static constexpr std::uint16_t version = 2;

  struct Params {
    Window window{};
    std::int64_t ddof = 1;
  };
  static constexpr std::array params{
      window<&Params::window>("window", by_rows | by_time | expanding, 2, "observations, a duration, or expanding"),
      number<&Params::ddof>("ddof", 0, 1, "n - ddof divides the sum of squares")};

  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"mean"}, OutputInfo{"variance"}, OutputInfo{"stddev"}};

  static std::array<double, 3> values(const Params& p, double n, double mean, double m2) noexcept {
    const auto fewest = static_cast<double>(p.window.min_periods);
    if (n < std::max(fewest, 1.0)) return {no_value, no_value, no_value};
    if (n < 2.0) return {mean, no_value, no_value};
    const double variance = m2 / (n - static_cast<double>(p.ddof));
    return {mean, variance, std::sqrt(variance)};
  }

  struct ByRow {
    using State = PowerSums<2>;
    static std::int64_t lookback(const Params& p) { return p.window.rows; }

    static std::array<double, 3> update(const Params& p, State& s, Past x) noexcept {
      s.slide(x, p.window.rows);
      const std::int64_t n = std::min(static_cast<std::int64_t>(x.count), p.window.rows);
      if (n < p.window.needed(1)) return {no_value, no_value, no_value};
      return value(p, static_cast<double>(n), s.now(), x[0]);
    }
    static std::array<double, 3> value(const Params& p, double n, const Powers& s, double) noexcept {
      const Moments m = s.moments(n);
      return values(p, m.n, m.mean, m.m2);
    }
    static void run(const Params& p, State& s, Tail, const Frame& frame) noexcept {
      run_in_two_passes<ByRow>(p, s, p.window.rows, false, frame);
    }
  };

  struct ByTime {
    using Content = BucketMoments;
    static constexpr std::int64_t fewest = 1;
    static void add(const Params&, Content& c, form::NoCarry&, const double* x, double origin) noexcept {
      c.add(x[0] - origin);
    }
    static void merge(Content& older, const Content& newer) noexcept { older.merge(newer); }
    static std::array<double, 3> value(const Params& p, const Content& c, const form::NoCarry&, const double*,
                                       double origin) noexcept {
      const Moments m = c.moments(origin);
      return values(p, m.n, m.mean, m.m2);
    }
  };

  /// About the first value, whose size would otherwise swallow the increments of the mean.
  struct Expanding {
    struct State {
      double origin = 0.0;
      BucketMoments moments{};
    };
    static std::array<double, 3> update(const Params& p, State& s, double x) noexcept {
      if (s.moments.n == 0.0) s.origin = x;
      s.moments.add(x - s.origin);
      const Moments m = s.moments.moments(s.origin);
      return values(p, m.n, m.mean, m.m2);
    }
  };
};

}  // namespace millrace
