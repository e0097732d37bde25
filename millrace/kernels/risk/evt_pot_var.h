#pragma once

#include <array>
#include <cmath>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/order_statistics.h"

namespace millrace {

/// Losses above a high quantile follow a generalised Pareto distribution whatever the losses themselves do. Fitted
/// anew every 50 observations; between fits the outputs stand still.
struct EvtPotVar {
  static constexpr Doc doc{
      .name = "evt_pot_var",
      .title = "Value at risk and expected shortfall from the tail's own distribution",
      .formula = "VaR = u + beta/xi * ((n/N_u (1-p))^-xi - 1);  ES = VaR/(1-xi) + (beta - xi u)/(1-xi)",
      .unit = "unit of loss; unit of loss; 1; unit of loss",
      .warmup = "the window; null until the next fit where fewer than 20 exceed u or the fit has no mean",
      .reference = "Hosking, Wallis (1987), Technometrics 29, 339-349; McNeil, Frey (2000), J. Empirical Finance 7",
  };

  struct Params {
    double u_quantile = 0.95, level = 0.99;
    Window window{.rows = 1000};
  };
  static constexpr std::array params{
      number<&Params::u_quantile>("u_quantile", 0.0, 0.9999, "quantile of the window above which the tail begins"),
      number<&Params::level>("level", 1e-6, 0.999999, "probability that the loss stays below the value at risk"),
      window<&Params::window>("window", by_rows, 20, "losses")};
  static std::string_view check(const Params& p) {
    return p.level > p.u_quantile ? "" : "level must be above u_quantile";
  }

  static constexpr std::array inputs{InputInfo{"loss"}};
  static constexpr std::array outputs{OutputInfo{"evt_var"}, OutputInfo{"evt_es"}, OutputInfo{"evt_xi"},
                                      OutputInfo{"evt_beta"}};
  static constexpr std::int64_t refit_every = 50;
  static constexpr std::int64_t fewest_exceedances = 20;
  static constexpr std::array<double, 4> nothing{no_value, no_value, no_value, no_value};

  struct Pareto {
    double xi = no_value, beta = no_value;
  };
  struct State {
    SortedWindow window;
    std::array<double, 4> shown = nothing;
  };
  static std::int64_t lookback(const Params& p) { return p.window.rows; }
  static std::size_t tail(const Params& p) { return static_cast<std::size_t>(p.window.rows); }

  /// Fit to the m exceedances `sorted[i] - u` by probability-weighted moments.
  static Pareto fit(const double* sorted, std::int64_t m, double u) noexcept {
    const auto size = static_cast<double>(m);
    double a0 = 0.0, a1 = 0.0;
    for (std::int64_t i = 0; i < m; ++i) {
      const double y = sorted[i] - u;
      a0 += y;
      a1 += (1.0 - (static_cast<double>(i) + 0.65) / size) * y;  // plotting position (i - 0.35) / m of i = 1 … m
    }
    a0 /= size;
    a1 /= size;
    const double below = a0 - 2.0 * a1;
    if (!(below > 0.0)) return {};
    return {2.0 - a0 / below, 2.0 * a0 * a1 / below};
  }
  /// Value at risk and expected shortfall where `share` of the observations exceeds u.
  static std::array<double, 2> tail_values(double u, Pareto g, double share, double level) noexcept {
    const double log = -std::log((1.0 - level) / share);
    if (std::abs(g.xi) < 1e-6) {
      const double var = u + g.beta * log;
      return {var, var + g.beta};
    }
    const double above = g.beta / g.xi * std::expm1(g.xi * log);
    return {u + above, u + (above + g.beta) / (1.0 - g.xi)};
  }
  static std::array<double, 4> values(const Params& p, const double* sorted, std::int64_t n) noexcept {
    const double u = quantile(sorted, n, p.u_quantile);
    const double* first = std::upper_bound(sorted, sorted + n, u);
    const std::int64_t exceeding = sorted + n - first;
    if (exceeding < fewest_exceedances) return nothing;
    const Pareto g = fit(first, exceeding, u);
    if (!(g.xi < 1.0)) return nothing;
    const auto [var, es] = tail_values(u, g, static_cast<double>(exceeding) / static_cast<double>(n), p.level);
    return {var, es, g.xi, g.beta};
  }

  static std::array<double, 4> update(const Params& p, State& s, Past loss, Tail sorted) noexcept {
    s.window.slide(loss, p.window.rows, sorted);
    const std::int64_t after = static_cast<std::int64_t>(loss.count) - p.window.needed(fewest_exceedances);
    if (after >= 0 && after % refit_every == 0) s.shown = values(p, sorted, s.window.held);
    return s.shown;
  }
};

}  // namespace millrace
