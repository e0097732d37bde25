#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/exponential_moments.h"
#include "millrace/kernels/numerics/run_lengths.h"

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

  static constexpr std::uint16_t version = 2;

  struct Params {
    std::uint8_t standardise = 0;
    Weight weight{.alpha = 0.0013853338989710761};  // half-life 500
    double hazard = 0.002, mu0 = 0.0, kappa0 = 1.0, alpha0 = 1.0, beta0 = 1.0;
    std::int64_t max_run = 200, recent = 10;
    const double* derived = nullptr;  // `Tables`
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
    double scale = 1.0;  // from weights to probabilities
    std::int64_t rows = 0;
  };
  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"change_prob"}, OutputInfo{"run_mode"}};

  static std::size_t tail(const Params& p) { return static_cast<std::size_t>(3 * (p.max_run + 1)); }
  static std::size_t derived_size(const Params& p) { return tail(p); }
  static void derive(const Params& p, double* derived) { RunTables::write(derived, p.max_run, p.kappa0, p.alpha0); }
  static void start(const Params& p, State&, Tail tail) noexcept { runs(p, State{}, tail).start(p.mu0, p.beta0); }

  static RunLengths runs(const Params& p, const State& s, Tail tail) noexcept {
    const std::int64_t cells = p.max_run + 1;
    return {tail, tail + cells, tail + 2 * cells, RunTables{p.derived, cells}, p.max_run, p.alpha0, s.scale};
  }

  static std::array<double, 2> update(const Params& p, State& s, double x, Tail tail) noexcept {
    double scaled = x;
    if (p.standardise == 0) {
      scaled = x / std::sqrt(s.past.settled_variance());
      s.past.add(x, p.weight.alpha);
      if (!has_value(scaled)) return {no_value, no_value};
    }
    const RunLengths cells = runs(p, s, tail);
    const RunLengths::Moved moved = cells.move(scaled);
    if (!(moved.sum > 0.0)) return {no_value, no_value};
    s.scale = (1.0 - p.hazard) / moved.sum;
    cells.weight[0] = p.hazard / s.scale;
    if (++s.rows < p.recent) return {no_value, no_value};
    double recent = 0.0;
    for (std::int64_t run = 1; run < p.recent; ++run) recent += cells.weight[run];
    return {std::min(p.hazard + recent * s.scale, 1.0), static_cast<double>(cells.mode(moved.largest))};
  }
};

}  // namespace millrace
