#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/two_passes.h"

namespace millrace {

/// Compares with the prior window: a value inside its own window could never exceed sqrt(w - 1).
struct RollingZscore {
  static constexpr Doc doc{
      .name = "rolling_zscore",
      .title = "Distance from the mean of the window before, in standard deviations",
      .formula = "(x[t] - mean) / sd over the w observations before t",
      .unit = "1 (standard deviations)",
      .warmup = "window + 1 observations, or the duration",
      .reference = "standard score; Chan, Golub, LeVeque (1983), The American Statistician 37, 242-247",
  };
  static constexpr std::uint16_t version = 2;

  struct Params {
    Window window{.rows = 100};
    bool include_current = false;
    std::int64_t ddof = 1;
  };
  static constexpr std::array params{
      window<&Params::window>("window", by_rows | by_time, 2, "prior observations, or a duration"),
      flag<&Params::include_current>("include_current", "lets the newest observation into its own window"),
      number<&Params::ddof>("ddof", 0, 1, "n - ddof divides the sum of squares")};

  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"zscore"}};

  /// `distance` is from the point about which the moments are kept.
  static double score(const Params& p, const Moments& m, double distance) noexcept {
    const double sd = std::sqrt(m.m2 / (m.n - static_cast<double>(p.ddof)));
    return sd > 0.0 ? (distance - m.offset) / sd : no_value;
  }

  struct ByRow {
    using State = PowerSums<2>;
    static std::int64_t lookback(const Params& p) { return p.window.rows; }

    static double update(const Params& p, State& s, Past x) noexcept {
      const std::int64_t w = p.window.rows;
      if (p.include_current) s.slide(x, w);
      const auto seen = static_cast<std::int64_t>(x.count) - (p.include_current ? 0 : 1);
      const std::int64_t n = std::min(seen, w);
      const double z = n >= p.window.needed(2) ? value(p, static_cast<double>(n), s.now(), x[0]) : no_value;
      if (!p.include_current) s.slide(x, w);
      return z;
    }
    static double value(const Params& p, double n, const Powers& s, double x) noexcept {
      return score(p, s.moments(n), x - s.shift);
    }
    static void run(const Params& p, State& s, Tail, const Frame& frame) noexcept {
      run_in_two_passes<ByRow>(p, s, p.window.rows, !p.include_current, frame);
    }
  };

  struct ByTime {
    using Content = BucketMoments;
    using Carry = form::NoCarry;
    static constexpr std::int64_t fewest = 2;
    static bool leaves_out_newest(const Params& p) { return !p.include_current; }
    static void add(const Params&, Content& c, Carry&, const double* x, double origin) noexcept {
      c.add(x[0] - origin);
    }
    static void merge(Content& older, const Content& newer) noexcept { older.merge(newer); }
    static double value(const Params& p, const Content& c, const Carry&, const double* x, double origin) noexcept {
      return score(p, c.moments(origin), x[0] - origin);
    }
  };
};

}  // namespace millrace
