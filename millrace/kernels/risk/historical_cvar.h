#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/smallest.h"

namespace millrace {

/// The tail holds alpha * n observations, of which the last one may count in part: the mean of what lies below the
/// quantile would jump whenever alpha * n passes a whole number.
struct HistoricalCvar {
  static constexpr Doc doc{
      .name = "historical_cvar",
      .title = "Expected shortfall from the window's own returns",
      .formula = "-(sum of the k-1 smallest r + (alpha n - k + 1) * the k-th) / (alpha n);  k = ceil(alpha n)",
      .unit = "unit of r; a loss is positive",
      .warmup = "the window",
      .reference =
          "Acerbi, Tasche (2002), J. Banking and Finance 26, 1487-1503; Rockafellar, Uryasev (2000), J. Risk 2",
  };

  struct Params {
    double alpha = 0.05;
    Window window{.rows = 100};
  };
  static constexpr std::array params{number<&Params::alpha>("alpha", 1e-6, 0.5, "probability of the tail"),
                                     window<&Params::window>("window", by_rows, 2, "returns")};

  using State = Smallest;
  static constexpr std::array inputs{InputInfo{"r"}};
  static constexpr std::array outputs{OutputInfo{"cvar"}};

  static std::int64_t lookback(const Params& p) { return p.window.rows; }
  /// Observations of the tail, the last one possibly in part; 1e-9 takes back the rounding of alpha * n.
  static std::int64_t count_in_tail(const Params& p, std::int64_t n) noexcept {
    const double mass = p.alpha * static_cast<double>(n);
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(mass - 1e-9)), 1, n);
  }
  static std::int64_t wanted(const Params& p) noexcept {
    return std::max<std::int64_t>(count_in_tail(p, p.window.rows), 2);
  }
  static std::size_t tail(const Params& p) {
    return static_cast<std::size_t>(Smallest::capacity(wanted(p), p.window.rows));
  }

  static double update(const Params& p, State& s, Past r, Tail sorted) noexcept {
    s.slide(r, p.window.rows, wanted(p), sorted);
    const std::int64_t n = std::min(static_cast<std::int64_t>(r.count), p.window.rows);
    if (n < p.window.needed(1)) return no_value;
    const double mass = p.alpha * static_cast<double>(n);
    const std::int64_t k = count_in_tail(p, n);
    double whole = 0.0;
    for (std::int64_t i = 0; i < k - 1; ++i) whole += sorted[i];
    return 0.0 - (whole + (mass - static_cast<double>(k - 1)) * sorted[k - 1]) / mass;  // not -0
  }
};

}  // namespace millrace
