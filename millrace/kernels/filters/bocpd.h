#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/exponential_moments.h"

namespace millrace {

/// Keeps the probability of each run length, with the posterior of mean and variance that the run gives. With a
/// constant hazard P(run = 0) is the hazard whatever the data; what tells of a change is P(run < recent).
struct Bocpd {
  static constexpr Doc doc{
      .name = "bocpd",
      .title = "Bayesian online change-point detection",
      .formula = "P(run+1) ~ (1-h) P(run) t(x | run);  P(0) = h;  change_prob = P(run < recent), run_mode = argmax P",
      .unit = "1 (probability); observations",
      .warmup = "recent observations",
      .reference = "Adams, MacKay (2007), Bayesian Online Changepoint Detection, arXiv 0710.3742",
  };

  struct Params {
    std::uint8_t standardise = 0;
    Weight weight{.alpha = 0.0013853338989710761};  // half-life 500
    double hazard = 0.002, mu0 = 0.0, kappa0 = 1.0, alpha0 = 1.0, beta0 = 1.0;
    std::int64_t max_run = 200, recent = 10;
  };
  static constexpr std::array<std::string_view, 2> scales{"ew", "none"};
  static constexpr std::array params{
      choice<&Params::standardise>("standardise", scales, "divides x by its exponential deviation before the row"),
      weight<&Params::weight>(by_rows, "of that deviation: half_life (500), alpha, lambda, span or com"),
      number<&Params::hazard>("hazard", 1e-12, 0.999999, "probability of a change at each row"),
      number<&Params::mu0>("mu0", -1e100, 1e100, "prior mean"),
      number<&Params::kappa0>("kappa0", 1e-12, 1e12, "observations that the prior mean is worth"),
      number<&Params::alpha0>("alpha0", 1e-3, 1e6, "prior shape"),
      number<&Params::beta0>("beta0", 1e-100, 1e100, "prior sum of squares, halved"),
      number<&Params::max_run>("max_run", 2, 10'000, "the last cell holds this run and all longer ones"),
      number<&Params::recent>("recent", 1, 10'000, "runs shorter than this tell of a change")};
  static std::string_view check(const Params& p) { return p.recent <= p.max_run ? "" : "recent is at most max_run"; }

  struct State {
    ExponentialMoments past;
    std::int64_t longest = 0;  // run so far, at most max_run
    std::int64_t rows = 0;
  };
  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"change_prob"}, OutputInfo{"run_mode"}};

  /// By run length: probability, posterior mean and half sum of squares, the constant of the predictive density, and
  /// the weight of the row at hand.
  struct Cells {
    double *probability, *mean, *squares, *constant, *weight;
    Cells(const Params& p, Tail tail) noexcept
        : probability(tail),
          mean(tail + (p.max_run + 1)),
          squares(mean + (p.max_run + 1)),
          constant(squares + (p.max_run + 1)),
          weight(constant + (p.max_run + 1)) {}
  };
  static std::size_t tail(const Params& p) { return static_cast<std::size_t>(5 * (p.max_run + 1)); }

  /// ln Γ(a + 1/2) − ln Γ(a), a > 0: by the difference where it is exact enough, by its series where a is large
  /// (Tricomi, Erdélyi 1951).
  static double log_gamma_step(double a) noexcept {
    if (a < 30.0) return std::log(std::tgamma(a + 0.5) / std::tgamma(a));
    const double z = 1.0 / (a * a);
    return 0.5 * std::log(a) - (1.0 / 8.0 - z * (1.0 / 192.0 - z * (1.0 / 640.0 - z * (17.0 / 14336.0)))) / a;
  }
  static void start(const Params& p, State&, Tail tail) noexcept {
    const Cells cells(p, tail);
    constexpr double two_pi = 6.283185307179586;
    for (std::int64_t run = 0; run <= p.max_run; ++run) {
      const double kappa = p.kappa0 + static_cast<double>(run), a = p.alpha0 + 0.5 * static_cast<double>(run);
      cells.constant[run] = log_gamma_step(a) - 0.5 * std::log(two_pi * (kappa + 1.0) / kappa);
    }
    cells.probability[0] = 1.0;
    cells.mean[0] = p.mu0;
    cells.squares[0] = p.beta0;
  }

  /// The weights of the row by run length: probability times predictive density, scaled so that none overflows.
  static double weigh(const Params& p, const State& s, const Cells& cells, double x) noexcept {
    double largest = -std::numeric_limits<double>::infinity();
    for (std::int64_t run = 0; run <= s.longest; ++run) {
      const double kappa = p.kappa0 + static_cast<double>(run), a = p.alpha0 + 0.5 * static_cast<double>(run);
      const double distance = x - cells.mean[run], squares = cells.squares[run];
      const double share = distance * distance * (kappa / (2.0 * (kappa + 1.0))) / squares;
      cells.weight[run] = cells.constant[run] - 0.5 * std::log(squares) - (a + 0.5) * std::log1p(share);
      if (cells.probability[run] > 0.0) largest = std::max(largest, cells.weight[run]);
    }
    double sum = 0.0;
    for (std::int64_t run = 0; run <= s.longest; ++run) {
      const double weight = cells.probability[run] > 0.0 ? std::exp(cells.weight[run] - largest) : 0.0;
      sum += cells.weight[run] = cells.probability[run] * weight;
    }
    return sum;
  }
  /// Moves every run on by the row; the posterior of the last cell is that of exactly the last max_run rows.
  static void grow(const Params& p, State& s, const Cells& cells, double x, double sum) noexcept {
    const double scale = (1.0 - p.hazard) / sum;
    const bool is_full = s.longest == p.max_run;
    const double beyond = is_full ? cells.weight[p.max_run] * scale : 0.0;
    if (!is_full) ++s.longest;
    for (std::int64_t run = s.longest; run >= 1; --run) {
      const double kappa = p.kappa0 + static_cast<double>(run - 1), distance = x - cells.mean[run - 1];
      cells.probability[run] = cells.weight[run - 1] * scale;
      cells.mean[run] = cells.mean[run - 1] + distance / (kappa + 1.0);
      cells.squares[run] = cells.squares[run - 1] + distance * distance * (kappa / (2.0 * (kappa + 1.0)));
    }
    cells.probability[s.longest] += beyond;
    cells.probability[0] = p.hazard;
  }

  static std::array<double, 2> update(const Params& p, State& s, double x, Tail tail) noexcept {
    double scaled = x;
    if (p.standardise == 0) {
      scaled = x / std::sqrt(s.past.settled_variance());
      s.past.add(x, p.weight.alpha);
      if (!has_value(scaled)) return {no_value, no_value};
    }
    const Cells cells(p, tail);
    const double sum = weigh(p, s, cells, scaled);
    grow(p, s, cells, scaled, sum);
    if (++s.rows < p.recent) return {no_value, no_value};
    double recent = 0.0;
    for (std::int64_t run = 0; run < std::min(p.recent, s.longest + 1); ++run) recent += cells.probability[run];
    const auto mode = std::max_element(cells.probability, cells.probability + s.longest + 1) - cells.probability;
    return {std::min(recent, 1.0), static_cast<double>(mode)};
  }
};

}  // namespace millrace
