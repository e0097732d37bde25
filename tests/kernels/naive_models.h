#pragma once

#include "tests/kernels/naive_rows.h"

/// Definitions of kernels that fit a model to what they have seen.
namespace millrace::testing::naive {

/// Exponential moments of rows before and after each, from the sums that define them.
struct Exponential {
  Real alpha, origin_x = 0, origin_y = 0, mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;
  std::size_t count = 0;

  /// About the first pair, whose size would swallow digits of an 80-bit mean too.
  void add(Real x, Real y) {
    if (count++ == 0) {
      origin_x = x;
      origin_y = y;
      return;
    }
    const Real dx = x - origin_x - mean_x, dy = y - origin_y - mean_y;
    mean_x = (1 - alpha) * mean_x + alpha * (x - origin_x);
    mean_y = (1 - alpha) * mean_y + alpha * (y - origin_y);
    xx = (1 - alpha) * (xx + alpha * dx * dx);
    yy = (1 - alpha) * (yy + alpha * dy * dy);
    xy = (1 - alpha) * (xy + alpha * dx * dy);
  }
  static Real settled(Real variance, Real mean) { return variance <= powl(16 * eps * mean, 2) ? 0 : variance; }
  Real variance_x() const { return count < 2 ? null : settled(xx, origin_x + mean_x); }
  Real variance_y() const { return count < 2 ? null : settled(yy, origin_y + mean_y); }
  Real size() const { return sqrtl(variance_x() * variance_y()); }
  Real covariance() const { return fabsl(xy) <= 16 * eps * size() || size() == 0 ? 0 : xy; }
};

/// ln of the predictive density of x after the given observations: Student's t of a normal-inverse-gamma posterior, in
/// closed form.
inline Real predictive(const Arguments& a, const Real* x, std::size_t n, Real next) {
  const Real kappa0 = a.number("kappa0", 1), mu0 = a.number("mu0", 0), count = static_cast<Real>(n);
  Real mean = 0, squares = 0;
  for (std::size_t i = 0; i < n; ++i) mean += x[i] / count;
  for (std::size_t i = 0; i < n; ++i) squares += (x[i] - mean) * (x[i] - mean);
  const Real kappa = kappa0 + count, alpha = a.number("alpha0", 1) + count / 2, nu = 2 * alpha;
  const Real mu = (kappa0 * mu0 + count * mean) / kappa;
  const Real beta = a.number("beta0", 1) + squares / 2 + kappa0 * count * (mean - mu0) * (mean - mu0) / (2 * kappa);
  const Real scale = beta * (kappa + 1) / (alpha * kappa);
  return lgammal((nu + 1) / 2) - lgammal(nu / 2) - logl(acosl(-1) * nu * scale) / 2 -
         (nu + 1) / 2 * log1pl((next - mu) * (next - mu) / (nu * scale));
}
inline std::vector<Reals> bocpd(const Arguments& a, const std::vector<Row>& rows) {
  Exponential past{.alpha = weight_of(a, 1 - powl(2, -1 / 500.0L))};
  const auto most = static_cast<std::size_t>(a.number("max_run", 200)),
             recent = static_cast<std::size_t>(a.number("recent", 10));
  const Real hazard = a.number("hazard", 0.002L);
  Reals x, runs{1};
  std::vector<Reals> out;
  for (const Row& row : rows) {
    const Real sd = a.word("standardise", "ew") == "ew" ? sqrtl(past.variance_x()) : 1;
    past.add(row.x[0], row.x[0]);
    out.push_back({null, null});
    if (!(sd > 0)) continue;
    Reals weights;
    for (std::size_t run = 0; run < runs.size(); ++run) {
      weights.push_back(runs[run] * expl(predictive(a, x.data() + (x.size() - run), run, row.x[0] / sd)));
    }
    Real sum = 0;
    for (const Real weight : weights) sum += weight;
    Reals next(std::min(runs.size() + 1, most + 1), 0);
    next[0] = hazard;
    for (std::size_t run = 0; run < weights.size(); ++run) {
      next[std::min(run + 1, most)] += (1 - hazard) * weights[run] / sum;
    }
    runs = next;
    x.push_back(row.x[0] / sd);
    if (x.size() < recent) continue;
    Real young = 0;
    std::size_t mode = 0;
    for (std::size_t run = 0; run < runs.size(); ++run) {
      young += run < recent ? runs[run] : 0;
      mode = runs[run] > runs[mode] ? run : mode;
    }
    out.back() = {young, static_cast<Real>(mode)};
  }
  return out;
}

inline Reals pareto_tail(const Arguments& a, Reals window) {
  std::sort(window.begin(), window.end());
  const Real p = a.number("level", 0.99L), u = quantile(window, a.number("u_quantile", 0.95L));
  const auto n = static_cast<Real>(window.size());
  Reals y;
  for (const Real loss : window) {
    if (loss > u) y.push_back(loss - u);
  }
  const auto m = static_cast<Real>(y.size());
  if (y.size() < 20) return {null, null, null, null};
  Real a1 = 0;
  for (std::size_t i = 1; i <= y.size(); ++i) a1 += (1 - (static_cast<Real>(i) - 0.35L) / m) * y[i - 1] / m;
  const Real a0 = mean_of(y), xi = 2 - a0 / (a0 - 2 * a1), beta = 2 * a0 * a1 / (a0 - 2 * a1);
  if (a0 <= 2 * a1 || xi >= 1) return {null, null, null, null};
  const Real ratio = n / m * (1 - p);
  const Real var = u + (fabsl(xi) < 1e-6L ? -beta * logl(ratio) : beta / xi * (powl(ratio, -xi) - 1));
  return {var, var / (1 - xi) + (beta - xi * u) / (1 - xi), xi, beta};
}
inline std::vector<Reals> evt_pot_var(const Arguments& a, const std::vector<Row>& rows) {
  const auto w = static_cast<std::size_t>(a.number("window", 1000));
  std::vector<Reals> out;
  Reals shown(4, null);
  for (std::size_t t = 0; t < rows.size(); ++t) {
    if (t + 1 >= w && (t + 1 - w) % 50 == 0) {
      Reals window;
      for (std::size_t i = t + 1 - w; i <= t; ++i) window.push_back(rows[i].x[0]);
      shown = pareto_tail(a, window);
    }
    out.push_back(shown);
  }
  return out;
}

/// Value at risk of Cornish and Fisher, its domain tried point by point.
inline Real cornish_fisher_var(const Arguments& a, const Reals& x) {
  Real low = -40, high = 0;
  for (int step = 0; step < 200; ++step) {
    const Real middle = (low + high) / 2;
    (erfcl(-middle / sqrtl(2)) / 2 < a.number("alpha", 0.05L) ? low : high) = middle;
  }
  const Real z = low, s = x[2], k = x[3], end = std::max<Real>(3, -z);
  for (int i = 0; i <= 2000; ++i) {
    const Real to = a.word("domain", "tail") == "tail" ? z : end, at = -end + (to + end) * static_cast<Real>(i) / 2000;
    if (1 + at * s / 3 + (3 * at * at - 3) * k / 24 - (6 * at * at - 5) * s * s / 36 < 0) return null;
  }
  const Real expanded = z + (z * z - 1) * s / 6 + (powl(z, 3) - 3 * z) * k / 24 - (2 * powl(z, 3) - 5 * z) * s * s / 36;
  return -(x[0] + x[1] * expanded);
}

/// Least squares of each value on the one before, over the last pairs.
inline Reals autoregression(const Reals& window) {
  const Reals now(window.begin() + 1, window.end()), before(window.begin(), window.end() - 1);
  const Real vv = squares_about_mean(before), mean = mean_of(before), step = mean_of(now) - mean;
  if (vv == 0) return {null, null, null};
  Real product = 0;
  for (std::size_t i = 0; i < now.size(); ++i) product += (now[i] - mean_of(now)) * (before[i] - mean);
  if (fabsl(product) <= 16 * eps * sqrtl(squares_about_mean(now) * vv)) product = 0;
  const Real phi = product / vv;
  return {phi > 0 && phi < 1 ? -logl(2) / logl(phi) : null, fabsl(phi) < 1 ? mean + step / (1 - phi) : null, phi};
}

inline std::vector<Reals> ou_half_life(const Arguments& a, const std::vector<Row>& rows) {
  const auto w = static_cast<std::size_t>(a.number("window", 250)),
             least = static_cast<std::size_t>(a.number("min_periods", static_cast<Real>(w)));
  std::vector<Reals> out;
  for (std::size_t t = 0; t < rows.size(); ++t) {
    Reals window;
    for (std::size_t i = t - std::min(t, w); i <= t; ++i) window.push_back(rows[i].x[0]);
    out.push_back(t < std::max<std::size_t>(least, 2) ? Reals{null, null, null} : autoregression(window));
  }
  return out;
}

}  // namespace millrace::testing::naive
