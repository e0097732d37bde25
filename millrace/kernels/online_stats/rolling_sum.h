#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/compensated.h"
#include "millrace/kernels/numerics/row_sum.h"
#include "millrace/kernels/numerics/two_passes.h"

namespace millrace {

/// A plain running sum keeps the rounding of every term that ever passed through it; this one does not.
struct RollingSum {
  static constexpr Doc doc{
      .name = "rolling_sum",
      .title = "Sum over a window",
      .formula = "sum of x",
      .unit = "unit of x",
      .warmup = "the window; expanding: first observation",
      .reference = "Ogita, Rump, Oishi (2005), SIAM J. Scientific Computing 26, 1955-1988",
  };
  static constexpr std::uint16_t version = 2;

  struct Params {
    Window window{.rows = 20};
  };
  static constexpr std::array params{
      window<&Params::window>("window", by_rows | by_time | expanding, 1, "observations, a duration, or expanding")};

  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"sum"}};

  struct ByRow {
    using State = RowSum;
    static std::int64_t lookback(const Params& p) { return p.window.rows; }

    static double update(const Params& p, State& s, Past x) noexcept {
      const double sum = s.slide(x, p.window.rows, 0.0);
      return std::min(static_cast<std::int64_t>(x.count), p.window.rows) >= p.window.needed(1) ? sum : no_value;
    }
    static void run(const Params& p, State& s, Tail, const Frame& frame) noexcept {
      in_full_window<ByRow>(p, s, p.window.rows, frame, [&](std::size_t from, std::size_t to) {
        double sums[pass_rows];
        s.slide_all(frame.in[0] + from, to - from, p.window.rows, 0.0, sums);
        store_block(frame, from, to, [&](std::size_t i) { return sums[i - from]; });
      });
    }
  };

  struct ByTime {
    using Content = CompensatedSum;
    static constexpr std::int64_t fewest = 0;
    static void add(const Params&, Content& c, form::NoCarry&, const double* x, double) noexcept { c.add(x[0]); }
    static void merge(Content& older, const Content& newer) noexcept { older.merge(newer); }
    static double value(const Params&, const Content& c, const form::NoCarry&, const double*, double) noexcept {
      return c.value();
    }
  };

  struct Expanding {
    struct State {
      CompensatedSum sum;
      std::int64_t count = 0;
    };
    static double update(const Params& p, State& s, double x) noexcept {
      s.sum.add(x);
      return ++s.count >= p.window.min_periods ? s.sum.value() : no_value;
    }
  };
};

}  // namespace millrace
