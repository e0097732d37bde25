#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/two_passes.h"

namespace millrace {

/// The position in the band and its width are taken from differences about the shift, not from the rounded bands.
struct BollingerBands {
  static constexpr Doc doc{
      .name = "bollinger_bands",
      .title = "Band of k standard deviations about the moving average",
      .formula = "mid = mean;  upper, lower = mid +- k*sd;  pctb = (x-lower)/(upper-lower);  width = (upper-lower)/mid",
      .unit = "unit of x; pctb and width 1",
      .warmup = "the window",
      .reference = "Bollinger (2001), Bollinger on Bollinger Bands",
  };
  static constexpr std::uint16_t version = 2;

  struct Params {
    Window window{.rows = 20};
    double k = 2.0;
  };
  static constexpr std::array params{
      window<&Params::window>("window", by_rows | by_time, 2, "observations, or a duration"),
      number<&Params::k>("k", 0.0, 100.0, "half width of the band in standard deviations")};

  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"bb_mid"}, OutputInfo{"bb_upper"}, OutputInfo{"bb_lower"},
                                      OutputInfo{"bb_pctb"}, OutputInfo{"bb_width"}};

  /// `distance` is from the point about which the moments are kept.
  static std::array<double, 5> bands(const Params& p, const Moments& m, double distance) noexcept {
    const double half = p.k * std::sqrt(m.m2 * (1.0 / m.n));
    const double pctb = (distance - m.offset + half) / (2.0 * half);  // a band without width gives no number
    return {m.mean, m.mean + half, m.mean - half, pctb, 2.0 * half / m.mean};
  }

  struct ByRow {
    using State = PowerSums<2>;
    static std::int64_t lookback(const Params& p) { return p.window.rows; }

    static std::array<double, 5> update(const Params& p, State& s, Past x) noexcept {
      s.slide(x, p.window.rows);
      const std::int64_t n = std::min(static_cast<std::int64_t>(x.count), p.window.rows);
      if (n < p.window.needed(2)) return {no_value, no_value, no_value, no_value, no_value};
      return value(p, static_cast<double>(n), s.now(), x[0]);
    }
    static std::array<double, 5> value(const Params& p, double n, const Powers& s, double x) noexcept {
      return bands(p, s.moments(n), x - s.shift);
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
    static std::array<double, 5> value(const Params& p, const Content& c, const form::NoCarry&, const double* x,
                                       double origin) noexcept {
      return bands(p, c.moments(origin), x[0] - origin);
    }
  };
};

}  // namespace millrace
