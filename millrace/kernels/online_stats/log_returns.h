#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/log_ratio.h"

namespace millrace {

/// A bad tick gives null and never becomes the reference: the next return spans it.
struct LogReturns {
  static constexpr Doc doc{
      .name = "log_returns",
      .title = "Log return over a number of observations or a length of time",
      .formula = "ln(p[t] / p[ref]);  ref = `lag` valid prices ago, or the last valid price before t - lag",
      .unit = "1",
      .warmup = "lag observations, or the duration",
      .reference = "Campbell, Lo, MacKinlay (1997), The Econometrics of Financial Markets, ch. 1.4",
  };

  struct Params {
    Window lag{.rows = 1};
  };
  static constexpr std::array params{
      lag_of<&Params::lag>("lag", by_rows | by_time, 1, "observations, or a duration such as 10s")};

  static constexpr std::array inputs{InputInfo{.name = "price", .is_positive = true}};
  static constexpr std::array outputs{OutputInfo{"log_return"}};

  struct ByRow {
    struct State {};
    static std::int64_t lookback(const Params& p) { return p.lag.rows; }

    static double update(const Params& p, State&, Past price) noexcept {
      if (price.count <= static_cast<std::uint64_t>(p.lag.rows)) return no_value;
      return log_ratio(price[0], price[p.lag.rows]);
    }

    /// The series of all rows at once, then the library's logarithm for the few that jumped.
    static void run(const Params& p, State& s, Tail, const Frame& frame) noexcept {
      const double* now = frame.in[0];
      const double* before = now - p.lag.rows;
      double* out = frame.out[0];
      const auto lag = static_cast<std::uint64_t>(p.lag.rows);
      const std::size_t cold = frame.count >= lag ? 0 : std::min<std::size_t>(frame.rows, lag - frame.count);
      for (std::size_t i = 0; i < cold; ++i) out[i] = no_value;
      std::size_t far = 0;
      for (std::size_t i = cold; i < frame.rows; ++i) {
        out[i] = near_log_ratio(now[i], before[i]);
        far += is_near(now[i], before[i]) ? 0 : 1;
      }
      if (far == 0) return;
      for (std::size_t i = cold; i < frame.rows; ++i) out[i] = update(p, s, Past{now + i, frame.count + i + 1});
    }
  };

  struct ByTime {
    struct Content {
      double last = 0.0;
    };
    struct Carry {
      double before = no_value;  // the last valid price before the window
    };
    static constexpr std::int64_t fewest = 0;
    static const Window& window(const Params& p) { return p.lag; }
    static void add(const Params&, Content& c, Carry&, const double* x, double) noexcept { c.last = x[0]; }
    static void merge(Content& older, const Content& newer) noexcept { older = newer; }
    static void expire(Carry& carry, const Content& c) noexcept { carry.before = c.last; }
    static double value(const Params&, const Content&, const Carry& carry, const double* x, double) noexcept {
      return log_ratio(x[0], carry.before);
    }
  };
};

}  // namespace millrace
