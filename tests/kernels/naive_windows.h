#pragma once

#include "tests/kernels/naive.h"

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

/// The definition of a kernel over windows, or nullptr.
inline const Windowed* find_windowed(std::string_view name) {
  static const std::map<std::string_view, Windowed> more{
      {"historical_cvar", {historical_cvar, 100, 1}},
      {"rolling_sharpe", {rolling_sharpe, 100, 2}},
      {"rolling_min", {rolling_min, 20, 1}},
      {"rolling_max", {rolling_max, 20, 1}},
  };
  if (const auto found = more.find(name); found != more.end()) return &found->second;
  const auto found = windowed.find(name);
  return found == windowed.end() ? nullptr : &found->second;
}

}  // namespace millrace::testing::naive
