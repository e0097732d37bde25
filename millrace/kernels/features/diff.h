#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

struct Diff {
  static constexpr Doc doc{
      .name = "diff",
      .title = "Change over a number of observations",
      .formula = "x[t] - x[t-k]",
      .unit = "unit of x",
      .warmup = "k + 1 observations",
      .reference = "difference operator; Box, Jenkins (1970), Time Series Analysis, ch. 1",
  };

  struct Params {
    std::int64_t k = 1;
  };
  static constexpr std::array params{number<&Params::k>("k", 1, 1e6, "observations back")};

  struct State {};
  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"diff"}};

  static std::int64_t lookback(const Params& p) { return p.k; }

  static double update(const Params& p, State&, Past x) noexcept {
    return x.count > static_cast<std::uint64_t>(p.k) ? x[0] - x[p.k] : no_value;
  }

  static void run(const Params& p, State&, Tail, const Frame& frame) noexcept {
    const auto k = static_cast<std::uint64_t>(p.k);
    const std::size_t cold = frame.count >= k ? 0 : std::min<std::size_t>(frame.rows, k - frame.count);
    std::fill_n(frame.out[0], cold, no_value);
    const double *now = frame.in[0], *before = now - p.k;
    double* out = frame.out[0];
    for (std::size_t i = cold; i < frame.rows; ++i) out[i] = form::finite_or_null(now[i] - before[i]);
  }

  /// Of times: ns, subtracted as whole numbers.
  struct OfTimes {
    struct State {};
    static std::int64_t lookback(const Params& p) { return p.k; }
    static double update(const Params& p, State&, Past x) noexcept {
      if (x.count <= static_cast<std::uint64_t>(p.k)) return no_value;
      return static_cast<double>(Cell::time(x[0]) - Cell::time(x[p.k]));
    }
  };
};

}  // namespace millrace
