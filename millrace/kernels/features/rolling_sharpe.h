#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/two_passes.h"

namespace millrace {

/// `periods` scales to another horizon and is 1: a factor for minutes put on ticks would be a hidden annualisation.
struct RollingSharpe {
  static constexpr Doc doc{
      .name = "rolling_sharpe",
      .title = "Mean return in standard deviations, and its standard error",
      .formula = "sharpe = mean / sd * sqrt(periods);  sharpe_se = sqrt((1 + (mean / sd)^2 / 2) / n)",
      .unit = "1; the error is without periods",
      .warmup = "the window",
      .reference = "Sharpe (1994), J. Portfolio Management 21, 49-58; Lo (2002), Financial Analysts J. 58, 36-52",
  };
  static constexpr std::uint16_t version = 2;

  struct Params {
    Window window{.rows = 100};
    double periods = 1.0;
  };
  static constexpr std::array params{
      window<&Params::window>("window", by_rows, 2, "returns"),
      number<&Params::periods>("periods", 1e-6, 1e12, "observations in the horizon of the ratio")};

  using State = PowerSums<2>;
  static constexpr std::array inputs{InputInfo{"r"}};
  static constexpr std::array outputs{OutputInfo{"sharpe"}, OutputInfo{"sharpe_se"}};
  static std::int64_t lookback(const Params& p) { return p.window.rows; }

  static std::array<double, 2> update(const Params& p, State& s, Past r) noexcept {
    s.slide(r, p.window.rows);
    const std::int64_t n = std::min(static_cast<std::int64_t>(r.count), p.window.rows);
    if (n < p.window.needed(2)) return {no_value, no_value};
    return value(p, static_cast<double>(n), s.now(), r[0]);
  }
  static std::array<double, 2> value(const Params& p, double n, const Powers& s, double) noexcept {
    const Moments m = s.moments(n);
    const double ratio = m.mean / std::sqrt(m.m2 / (n - 1.0));  // not finite where sd is 0, and so null
    return {ratio * std::sqrt(p.periods), std::sqrt((1.0 + 0.5 * ratio * ratio) / n)};
  }
  static void run(const Params& p, State& s, Tail, const Frame& frame) noexcept {
    run_in_two_passes<RollingSharpe>(p, s, p.window.rows, false, frame);
  }
};

}  // namespace millrace
