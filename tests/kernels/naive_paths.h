#pragma once

#include "tests/kernels/naive_models.h"

/// Definitions of kernels that remember more than a window.
namespace millrace::testing::naive {

inline std::vector<Reals> exponential(std::string_view name, const Arguments& a, const std::vector<Row>& rows) {
  Exponential moments{.alpha = weight_of(a, 0.06L)};
  std::vector<Reals> out;
  Real about_zero = null;
  for (const Row& row : rows) {
    const Real x = row.x[0], square = x * x, alpha = moments.alpha;
    moments.add(x, row.x.back());
    about_zero = std::isnan(about_zero) ? square : (1 - alpha) * about_zero + alpha * square;
    if (name == "ew_var") {
      const Real variance = a.word("mean", "ew") == "zero" ? about_zero : moments.variance_x();
      out.push_back({variance, sqrtl(variance)});
    } else if (moments.count < 2) {
      out.push_back({null, null});
    } else {
      const Real covariance = moments.covariance(), size = moments.size();
      out.push_back({name == "ewcov" ? covariance : size == 0 ? null : covariance / size, size});
    }
  }
  return out;
}

inline std::vector<Reals> entropy_hist(const Arguments& a, const std::vector<Row>& rows) {
  Exponential past{.alpha = weight_of(a, 1 - powl(2, -1 / 500.0L))};
  const Real bins = a.number("bins", 16);
  const auto w = static_cast<std::size_t>(a.number("window", 100)),
             least = static_cast<std::size_t>(a.number("min_periods", static_cast<Real>(w)));
  std::vector<Real> placed;
  std::vector<Reals> out;
  for (const Row& row : rows) {
    const Real x = row.x[0], sd = sqrtl(past.variance_x());
    const Real z = (x - past.origin_x - past.mean_x) / sd;
    const bool is_fixed = a.has("lo"), is_counted = is_fixed || sd > 0;
    const Real at =
        is_fixed ? (x - a.number("lo", 0)) * bins / (a.number("hi", 0) - a.number("lo", 0)) : (z + 4) * bins / 8;
    past.add(x, x);
    out.push_back({null});
    if (!is_counted) continue;
    placed.push_back(std::max<Real>(0, std::min<Real>(floorl(at), bins - 1)));
    const std::size_t n = std::min(w, placed.size());
    std::map<Real, Real> counts;
    for (std::size_t i = placed.size() - n; i < placed.size(); ++i) counts[placed[i]] += 1;
    Real sum = 0;
    for (const auto& [bin, count] : counts) sum -= count / static_cast<Real>(n) * logl(count / static_cast<Real>(n));
    if (n >= least) out.back() = {sum / (a.word("norm", "false") == "true" ? logl(bins) : 1)};
  }
  return out;
}

inline std::vector<Reals> kalman_1d(const Arguments& a, const std::vector<Row>& rows) {
  std::vector<Reals> out;
  const Real r = a.number("r", 0.1L);
  Real level = null, variance = 0;
  for (std::size_t t = 0; t < rows.size(); ++t) {
    const Real z = rows[t].x[0];
    const Real seconds = t == 0 ? 0 : static_cast<Real>(rows[t].clock - rows[t - 1].clock) / 1e9L;
    variance += a.has("q_per_s") ? a.number("q_per_s", 0) * seconds : a.number("q", 0.001L);
    if (std::isnan(level)) {
      level = z;
      variance = r;
    } else if (!std::isnan(z)) {
      const Real gain = variance / (variance + r);
      level += gain * (z - level);
      variance = (1 - gain) * variance;
    }
    out.push_back({std::isnan(z) ? null : level, std::isnan(level) ? null : variance});
  }
  return out;
}

inline std::vector<Reals> drawdown_equity(const Arguments& a, const std::vector<Row>& rows) {
  std::vector<Reals> out;
  const bool is_ratio = a.word("mode", "ratio") == "ratio";
  Reals seen;
  Real worst = 0;
  for (const Row& row : rows) {
    out.push_back({null, null, null});
    if (is_ratio && row.x[0] <= 0) continue;
    seen.push_back(row.x[0]);
    std::size_t peak = 0;  // the latest highest
    for (std::size_t i = 0; i < seen.size(); ++i) peak = seen[i] >= seen[peak] ? i : peak;
    const Real fall = (seen.back() - seen[peak]) / (is_ratio ? seen[peak] : 1);
    worst = std::min(worst, fall);
    out.back() = {fall, worst, static_cast<Real>(seen.size() - 1 - peak)};
  }
  return out;
}

inline std::vector<Reals> frac_diff(const Arguments& a, const std::vector<Row>& rows) {
  Reals weights{1};
  while (weights.size() < static_cast<std::size_t>(a.number("max_taps", 512))) {
    const auto k = static_cast<Real>(weights.size());
    const Real next = -weights.back() * (a.number("d", 0.4L) - k + 1) / k;
    if (fabsl(next) < a.number("threshold", 1e-4L)) break;
    weights.push_back(next);
  }
  std::vector<Reals> out;
  for (std::size_t t = 0; t < rows.size(); ++t) {
    Real sum = t + 1 < weights.size() ? null : 0;
    for (std::size_t k = 0; k < weights.size() && t + 1 >= weights.size(); ++k) sum += weights[k] * rows[t - k].x[0];
    out.push_back({sum});
  }
  return out;
}

/// The fit itself, anew on each row: its normal equations, I + lambda D'D with D the second differences, are
/// eliminated downwards, which leaves the last unknown alone.
inline std::vector<Reals> hp_filter(const Arguments& a, const std::vector<Row>& rows) {
  const Real lambda = a.number("lambda", 1600);
  std::vector<Reals> out;
  for (std::size_t n = 1; n <= rows.size(); ++n) {
    out.push_back({null, null});
    if (n < 3) continue;
    Reals diagonal(n, 1), next(n, 0), second(n, 0), right;
    for (std::size_t i = 0; i < n; ++i) right.push_back(rows[i].x[0] - rows[0].x[0]);
    for (std::size_t i = 0; i + 2 < n; ++i) {
      diagonal[i] += lambda;
      diagonal[i + 1] += 4 * lambda;
      diagonal[i + 2] += lambda;
      next[i] -= 2 * lambda;
      next[i + 1] -= 2 * lambda;
      second[i] += lambda;
    }
    for (std::size_t i = 0; i + 1 < n; ++i) {
      const Real one = next[i] / diagonal[i], two = second[i] / diagonal[i];
      diagonal[i + 1] -= one * next[i];
      next[i + 1] -= one * second[i];
      right[i + 1] -= one * right[i];
      if (i + 2 == n) continue;
      diagonal[i + 2] -= two * second[i];
      right[i + 2] -= two * right[i];
    }
    const Real trend = right[n - 1] / diagonal[n - 1];
    out.back() = {trend + rows[0].x[0], rows[n - 1].x[0] - rows[0].x[0] - trend};
  }
  return out;
}

inline std::vector<Reals> paths(const Call& call, const Arguments& a, const std::vector<Row>& rows) {
  const std::string_view name = call.kernel->doc.name;
  if (name == "ew_var" || name == "ewcov" || name == "ewcorr") return exponential(name, a, rows);
  if (name == "entropy_hist") return entropy_hist(a, rows);
  if (name == "kalman_1d") return kalman_1d(a, rows);
  if (name == "drawdown_equity") return drawdown_equity(a, rows);
  if (name == "hp_filter") return hp_filter(a, rows);
  if (name == "bocpd") return bocpd(a, rows);
  if (name == "frac_diff") return frac_diff(a, rows);
  if (name == "evt_pot_var") return evt_pot_var(a, rows);
  if (name == "ou_half_life") return ou_half_life(a, rows);
  return {};
}

}  // namespace millrace::testing::naive
