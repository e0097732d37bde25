#pragma once

#include "tests/kernels/naive_returns.h"

/// More definitions over windows: order statistics, tails, ratios and pairs.
namespace millrace::testing::naive {

inline Reals historical_cvar(const Arguments& a, const View& v) {
  Reals r = v.window;
  std::sort(r.begin(), r.end());
  const Real mass = a.number("alpha", 0.05L) * static_cast<Real>(r.size());
  Real sum = 0, left = mass;
  for (const Real one : r) {
    const Real part = std::min<Real>(1, left);
    sum += part * one;
    left -= part;
    if (left < 1e-9L) break;
  }
  return {-sum / mass};
}
inline Reals rolling_sharpe(const Arguments& a, const View& v) {
  const auto n = static_cast<Real>(v.window.size());
  const Real sd = sqrtl(squares_about_mean(v.window) / (n - 1)), ratio = mean_of(v.window) / sd;
  if (sd == 0) return {null, null};
  return {ratio * sqrtl(a.number("periods", 1)), sqrtl((1 + ratio * ratio / 2) / n)};
}
inline Reals rolling_min(const Arguments&, const View& v) {
  return {*std::min_element(v.window.begin(), v.window.end())};
}
inline Reals rolling_max(const Arguments&, const View& v) {
  return {*std::max_element(v.window.begin(), v.window.end())};
}

inline Reals rolling_quantile(const Arguments& a, const View& v) { return {quantile(v.window, a.number("q", 0.5L))}; }
inline Reals rolling_rank(const Arguments&, const View& v) {
  Real below = 0, equal = 0;
  for (const Real one : v.window) {
    below += one < v.newest ? 1 : 0;
    equal += one == v.newest ? 1 : 0;
  }
  if (v.window.size() < 2) return {null};
  return {(below + (1 + equal) / 2 - 1) / static_cast<Real>(v.window.size() - 1)};
}
inline Reals robust_hampel(const Arguments& a, const View& v) {
  const Real median = quantile(v.window, 0.5L), distance = fabsl(v.newest - median), k = a.number("k", 3);
  Reals deviations;
  for (const Real one : v.window) deviations.push_back(fabsl(one - median));
  const Real spread = quantile(deviations, 0.5L), mean = mean_of(deviations);
  const Real limit = spread > 0 ? k * a.number("scale", 1.4826L) * spread
                     : mean > 0 ? k * 1.2533L * mean
                                : k * a.number("tick", 0);
  return {distance > limit ? median : v.newest, distance > limit ? 1.0L : 0.0L};
}
inline Reals outlier_flag_mad(const Arguments& a, const View& v) { return {robust_hampel(a, v)[1]}; }
inline Reals winsorize(const Arguments& a, const View& v) {
  const Real low = quantile(v.window, a.number("lo", 0.01L)), high = quantile(v.window, a.number("hi", 0.99L));
  return {v.newest < low ? low : v.newest > high ? high : v.newest};
}

inline Reals rolling_corr(const Arguments&, const View& v) {
  Reals x, y;
  for (const Reals& row : v.rows) {
    x.push_back(row[0]);
    y.push_back(row[1]);
  }
  return {correlation(x, y)};
}
inline Reals variance_ratio(const Arguments& a, const View& v) {
  const std::size_t q = static_cast<std::size_t>(a.number("q", 5));
  const auto n = static_cast<Real>(v.window.size()), width = static_cast<Real>(q);
  if (v.window.size() < q + 1) return {null, null};
  const Real mean = mean_of(v.window), one = squares_about_mean(v.window) / (n - 1);
  Real squares = 0;
  for (std::size_t end = q; end <= v.window.size(); ++end) {
    Real sum = 0;
    for (std::size_t i = end - q; i < end; ++i) sum += v.window[i] - mean;
    squares += sum * sum;
  }
  const Real ratio = squares / (width * (n - width + 1) * (1 - width / n)) / one;
  if (one == 0) return {null, null};
  return {ratio, (ratio - 1) / sqrtl(2 * (2 * width - 1) * (width - 1) / (3 * width * n))};
}

/// True where the newest observation is judged by those before it.
inline bool is_prior(std::string_view name, const Arguments& a) {
  if (name == "rolling_zscore") return a.word("include_current", "false") == "false";
  return name == "robust_hampel" || name == "outlier_flag_mad" || name == "winsorize";
}
/// True where a bucket of an event-time window gives only its last observation.
inline bool has_samples(std::string_view name) { return name == "rolling_quantile" || name == "rolling_rank"; }

/// The definition of a kernel over windows, or nullptr.
inline const Windowed* find_windowed(std::string_view name) {
  static const std::map<std::string_view, Windowed> more{
      {"historical_cvar", {historical_cvar, 100, 1}},
      {"rolling_sharpe", {rolling_sharpe, 100, 2}},
      {"rolling_min", {rolling_min, 20, 1}},
      {"rolling_max", {rolling_max, 20, 1}},
      {"rolling_quantile", {rolling_quantile, 100, 1}},
      {"rolling_rank", {rolling_rank, 100, 2}},
      {"robust_hampel", {robust_hampel, 100, 1}},
      {"outlier_flag_mad", {outlier_flag_mad, 100, 1}},
      {"winsorize", {winsorize, 250, 1}},
      {"rolling_corr", {rolling_corr, 100, 2}},
      {"variance_ratio", {variance_ratio, 200, 1}},
  };
  if (const auto found = more.find(name); found != more.end()) return &found->second;
  if (const auto found = windowed_returns.find(name); found != windowed_returns.end()) return &found->second;
  const auto found = windowed.find(name);
  return found == windowed.end() ? nullptr : &found->second;
}

}  // namespace millrace::testing::naive
