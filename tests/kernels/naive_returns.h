#pragma once

#include "tests/kernels/naive.h"

/// Definitions over windows of returns.
namespace millrace::testing::naive {

inline const Real pi = acosl(-1);

/// The sum of `of` the neighbours i, i - 1, …, `span` of them, over a window.
template <class Of>
inline Real over_neighbours(const Reals& x, std::size_t span, Of&& of) {
  Real sum = 0;
  for (std::size_t i = span - 1; i < x.size(); ++i) {
    Reals sizes;
    for (std::size_t k = 0; k < span; ++k) sizes.push_back(fabsl(x[i - k]));
    sum += of(sizes);
  }
  return sum;
}

inline Reals medrv(const Arguments&, const View& v) {
  const auto n = static_cast<Real>(v.window.size());
  const Real sum = over_neighbours(v.window, 3, [](const Reals& r) { return powl(quantile(r, 0.5L), 2); });
  return {pi / (6 - 4 * sqrtl(3) + pi) * n / (n - 2) * sum};
}
inline Reals min_rv(const Arguments&, const View& v) {
  const auto n = static_cast<Real>(v.window.size());
  return {pi / (pi - 2) * n / (n - 1) *
          over_neighbours(v.window, 2, [](const Reals& r) { return powl(std::min(r[0], r[1]), 2); })};
}
inline Reals realized_quarticity(const Arguments&, const View& v) {
  const auto n = static_cast<Real>(v.window.size());
  return {n / 3 * over_neighbours(v.window, 1, [](const Reals& r) { return powl(r[0], 4); })};
}
inline Reals tripower_quarticity(const Arguments&, const View& v) {
  const auto n = static_cast<Real>(v.window.size());
  const Real mu = powl(2, 2 / 3.0L) * tgammal(7 / 6.0L) / tgammal(0.5L);
  return {n / powl(mu, 3) * n / (n - 2) *
          over_neighbours(v.window, 3, [](const Reals& r) { return powl(r[0] * r[1] * r[2], 4 / 3.0L); })};
}
inline Reals semivariance(const Arguments&, const View& v) {
  Real down = 0, up = 0;
  for (const Real r : v.window) (r < 0 ? down : up) += r * r;
  return {down, up};
}
inline Reals jump_test_bns(const Arguments& a, const View& v) {
  const auto n = static_cast<Real>(v.window.size());
  const Real rv = realized_var(a, v)[0], bv = bipower_var(a, v)[0], tq = tripower_quarticity(a, v)[0];
  if (rv == 0 || bv == 0) return {null, null};
  const Real spread = sqrtl((pi * pi / 4 + pi - 5) / n * std::max<Real>(1, tq / (bv * bv)));
  return {(rv - bv) / rv / spread, std::max<Real>(0, 1 - bv / rv)};
}

inline Reals amihud_illiquidity(const Arguments& a, const View& v) {
  Reals impacts;
  for (const Reals& x : v.rows) {
    if (x[1] > 0) impacts.push_back(fabsl(x[0]) / x[1]);
  }
  return {impacts.empty() ? null : a.number("scale", 1'000'000) * mean_of(impacts)};
}
/// Sum of products about the means, 0 where it is rounding alone.
inline Real products_about_means(const Reals& u, const Reals& v) {
  const Real mean_u = mean_of(u), mean_v = mean_of(v);
  Real uv = 0;
  for (std::size_t i = 0; i < u.size(); ++i) uv += (u[i] - mean_u) * (v[i] - mean_v);
  return fabsl(uv) <= 16 * eps * sqrtl(squares_about_mean(u) * squares_about_mean(v)) ? 0 : uv;
}
inline Reals kyle_lambda(const Arguments&, const View& v) {
  Reals volumes;
  for (const Reals& x : v.rows) volumes.push_back(x[1]);
  const Real spread = squares_about_mean(volumes);
  return {spread == 0 ? null : products_about_means(v.window, volumes) / spread};
}
inline Reals roll_spread(const Arguments& a, const View& v) {
  const Reals now(v.window.begin() + 1, v.window.end()), before(v.window.begin(), v.window.end() - 1);
  const Real covariance = products_about_means(now, before) / static_cast<Real>(now.size() - 1);
  if (covariance < 0) return {2 * sqrtl(-covariance)};
  return {a.word("signed", "false") == "true" ? -2 * sqrtl(covariance) : null};
}
inline Reals vwap(const Arguments&, const View& v) {
  Real value = 0, volume = 0;
  for (const Reals& x : v.rows) {
    value += x[0] * x[1];
    volume += x[1];
  }
  return {volume > 0 ? value / volume : null};
}
inline Reals turnover(const Arguments&, const View& v) {
  Real sum = 0;
  for (const Reals& x : v.rows) sum += x[0] / x[1];
  return {sum};
}
inline Reals open_interest_delta(const Arguments&, const View& v) {
  return {v.newest - (v.is_time ? v.before : v.window[0])};
}

inline const std::map<std::string_view, Windowed> windowed_returns{
    {"vwap", {vwap, 0, 1}},
    {"turnover", {turnover, 1, 1, 0}},
    {"open_interest_delta", {open_interest_delta, 1, 1, 0}},
    {"amihud_illiquidity", {amihud_illiquidity, 100, 1}},
    {"kyle_lambda", {kyle_lambda, 100, 2}},
    {"fx_beta", {kyle_lambda, 100, 2}},
    {"roll_spread", {roll_spread, 100, 3}},
    {"medrv", {medrv, 20, 3}},
    {"min_rv", {min_rv, 20, 2}},
    {"realized_quarticity", {realized_quarticity, 20, 1}},
    {"tripower_quarticity", {tripower_quarticity, 20, 3}},
    {"semivariance", {semivariance, 20, 1, 0}},
    {"jump_test_bns", {jump_test_bns, 100, 3}},
};

}  // namespace millrace::testing::naive
