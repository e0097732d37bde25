#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/order_statistics.h"
#include "millrace/kernels/numerics/smallest.h"

namespace millrace {

struct HistoricalVar {
  static constexpr Doc doc{
      .name = "historical_var",
      .title = "Value at risk from the window's own returns",
      .formula = "-Q(alpha) of r;  Q linear between order statistics at (n - 1) * alpha (type 7)",
      .unit = "unit of r; a loss is positive",
      .warmup = "the window",
      .reference = "Jorion (2006), Value at Risk, ch. 10; Hyndman, Fan (1996), The American Statistician 50, 361-365",
  };

  struct Params {
    double alpha = 0.05;
    Window window{.rows = 100};
  };
  static constexpr std::array params{
      number<&Params::alpha>("alpha", 1e-6, 0.5, "probability of the tail"),
      window<&Params::window>("window", by_rows, 2, "returns; window * alpha is at least 1")};
  static std::string_view check(const Params& p) {
    return static_cast<double>(p.window.rows) * p.alpha >= 1.0 ? "" : "window * alpha must be at least 1";
  }

  using State = Smallest;
  static constexpr std::array inputs{InputInfo{"r"}};
  static constexpr std::array outputs{OutputInfo{"var"}};

  static std::int64_t lookback(const Params& p) { return p.window.rows; }
  /// The order statistics at and after the quantile.
  static std::int64_t wanted(const Params& p) noexcept {
    return std::min(static_cast<std::int64_t>(static_cast<double>(p.window.rows - 1) * p.alpha) + 2, p.window.rows);
  }
  static std::size_t tail(const Params& p) {
    return static_cast<std::size_t>(Smallest::capacity(wanted(p), p.window.rows));
  }

  static double update(const Params& p, State& s, Past r, Tail sorted) noexcept {
    s.slide(r, p.window.rows, wanted(p), sorted);
    const std::int64_t n = std::min(static_cast<std::int64_t>(r.count), p.window.rows);
    return n >= p.window.needed(1) ? 0.0 - quantile(sorted, n, p.alpha) : no_value;  // not -0
  }
};

}  // namespace millrace
