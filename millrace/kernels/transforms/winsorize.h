#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/order_statistics.h"

namespace millrace {

/// The limits come from the raw values before: those of the whole sample would look ahead.
struct Winsorize {
  static constexpr Doc doc{
      .name = "winsorize",
      .title = "Value clipped to quantiles of the window before it",
      .formula = "clip(x, Q(lo), Q(hi)) of the w observations before (type 7)",
      .unit = "unit of x",
      .warmup = "window + 1 observations",
      .reference = "Tukey (1962), Annals of Mathematical Statistics 33, 1-67",
  };

  struct Params {
    double lo = 0.01, hi = 0.99;
    Window window{.rows = 250};
  };
  static constexpr std::array params{number<&Params::lo>("lo", 0.0, 1.0, "quantile of the lower limit"),
                                     number<&Params::hi>("hi", 0.0, 1.0, "quantile of the upper limit"),
                                     window<&Params::window>("window", by_rows, 1, "prior observations")};
  static std::string_view check(const Params& p) { return p.lo < p.hi ? "" : "lo must be less than hi"; }

  using State = SortedWindow;
  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"winsorized"}};

  static std::int64_t lookback(const Params& p) { return p.window.rows; }
  static std::size_t tail(const Params& p) { return static_cast<std::size_t>(p.window.rows); }

  static double update(const Params& p, State& s, Past x, Tail sorted) noexcept {
    double clipped = no_value;
    if (s.held >= p.window.needed(1)) {
      clipped = std::min(std::max(x[0], quantile(sorted, s.held, p.lo)), quantile(sorted, s.held, p.hi));
    }
    s.slide(x, p.window.rows, sorted);
    return clipped;
  }
};

}  // namespace millrace
