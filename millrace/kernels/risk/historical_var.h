#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// Keeps the smallest returns of the window sorted, somewhat more of them than the quantile needs. Most returns are
/// above them as they enter and as they leave, and cost one comparison; where too many of the smallest have left, they
/// are taken anew from the window.
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

  struct State {
    std::int64_t held = 0;  // sorted returns in the tail: the smallest of the window
  };
  static constexpr std::array inputs{InputInfo{"r"}};
  static constexpr std::array outputs{OutputInfo{"var"}};

  static std::int64_t lookback(const Params& p) { return p.window.rows; }
  static std::int64_t wanted(const Params& p) noexcept {
    return std::min(static_cast<std::int64_t>(static_cast<double>(p.window.rows - 1) * p.alpha) + 2, p.window.rows);
  }
  static std::int64_t capacity(const Params& p) noexcept {
    return std::min(wanted(p) + std::max<std::int64_t>(wanted(p), 6), p.window.rows);
  }
  static std::size_t tail(const Params& p) { return static_cast<std::size_t>(capacity(p)); }

  /// Makes room by the largest where the tail is full. No branch depends on where r goes.
  static void insert(State& s, Tail sorted, std::int64_t most, double r) noexcept {
    if (s.held == most) --s.held;
    double carried = r;
    for (std::int64_t i = 0; i < s.held; ++i) {
      const double here = sorted[i];
      sorted[i] = std::min(here, carried);
      carried = std::max(here, carried);
    }
    sorted[s.held++] = carried;
  }
  /// REQUIRES: r is in the tail.
  static void remove(State& s, Tail sorted, double r) noexcept {
    --s.held;
    for (std::int64_t i = 0; i < s.held; ++i) sorted[i] = sorted[i] < r ? sorted[i] : sorted[i + 1];
  }
  static void refill(const Params& p, State& s, Tail sorted, Past r, std::int64_t n) noexcept {
    const std::int64_t most = capacity(p);
    s.held = 0;
    for (std::int64_t k = 0; k < n; ++k) {
      if (s.held < most || r[k] < sorted[most - 1]) insert(s, sorted, most, r[k]);
    }
  }

  static double update(const Params& p, State& s, Past r, Tail sorted) noexcept {
    const std::int64_t w = p.window.rows;
    const std::int64_t n = std::min(static_cast<std::int64_t>(r.count), w);
    if (static_cast<std::int64_t>(r.count) > w && r[w] <= sorted[s.held - 1]) remove(s, sorted, r[w]);
    const bool is_whole = s.held == n - 1;  // nothing of the window is outside the tail
    if (is_whole || r[0] < sorted[s.held - 1]) {
      if (s.held < capacity(p) || r[0] < sorted[s.held - 1]) insert(s, sorted, capacity(p), r[0]);
    }
    if (s.held < std::min(wanted(p), n)) refill(p, s, sorted, r, n);
    if (n < p.window.needed(1)) return no_value;
    const double place = static_cast<double>(n - 1) * p.alpha;
    const auto below = static_cast<std::int64_t>(place);
    const double low = sorted[below], high = sorted[std::min(below + 1, s.held - 1)];
    return -(low + (place - static_cast<double>(below)) * (high - low));
  }
};

}  // namespace millrace
