#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/power_sums.h"
#include "millrace/kernels/numerics/short_sums.h"
#include "millrace/kernels/numerics/two_passes.h"

namespace millrace {

/// The mean of full windows only: a mean over what happens to be there yet would look like a price that moves.
struct Sma {
  static constexpr Doc doc{
      .name = "sma",
      .title = "Simple moving average",
      .formula = "mean of x over the window",
      .unit = "unit of x",
      .warmup = "the window",
      .reference = "Murphy (1999), Technical Analysis of the Financial Markets, ch. 9",
  };
  static constexpr std::uint16_t version = 2;

  struct Params {
    Window window{.rows = 20};
  };
  static constexpr std::array params{
      window<&Params::window>("window", by_rows | by_time, 1, "observations, or a duration")};

  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"sma"}};

  struct ByRow {
    struct State {
      WindowSum sum;  // about the first observation: prices are large and their moves small
      double origin = 0.0;
    };
    static std::int64_t lookback(const Params& p) { return p.window.rows; }

    static bool is_short(const Params& p) noexcept { return p.window.rows <= most_short_rows; }

    static double update(const Params& p, State& s, Past x) noexcept {
      if (x.count == 1) s.origin = x[0];
      const auto count = static_cast<std::int64_t>(x.count);
      const std::int64_t n = std::min(count, p.window.rows);
      double sum = 0.0;
      if (is_short(p)) {
        sum = ShortSums(DistanceTerms{x.newest, s.origin}, n).at(0)[0];
      } else if (count > n) {
        s.sum.exchange(x[0] - s.origin, x[n] - s.origin);
        sum = s.sum.value();
      } else {
        s.sum.enter(x[0] - s.origin);
        sum = s.sum.value();
      }
      return n >= p.window.needed(1) ? s.origin + sum * (1.0 / static_cast<double>(n)) : no_value;
    }
    static void run(const Params& p, State& s, Tail, const Frame& frame) noexcept {
      const double share = 1.0 / static_cast<double>(p.window.rows);
      in_full_window<ByRow>(p, s, p.window.rows, frame, [&](std::size_t from, std::size_t to) {
        const double origin = s.origin;
        double sums[pass_rows];
        if (is_short(p)) {
          ShortSums(DistanceTerms{frame.in[0] + from, origin}, p.window.rows).all(to - from, {sums});
        } else {
          s.sum.slide_all(frame.in[0] + from, to - from, p.window.rows, origin, sums);
        }
        store_block(frame, from, to, [&](std::size_t i) { return origin + sums[i - from] * share; });
      });
    }
  };

  struct ByTime {
    using Content = BucketMoments;
    static constexpr std::int64_t fewest = 1;
    static void add(const Params&, Content& c, form::NoCarry&, const double* x, double origin) noexcept {
      c.add(x[0] - origin);
    }
    static void merge(Content& older, const Content& newer) noexcept { older.merge(newer); }
    static double value(const Params&, const Content& c, const form::NoCarry&, const double*, double origin) noexcept {
      return origin + c.mean;
    }
  };
};

}  // namespace millrace
