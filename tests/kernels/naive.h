#pragma once

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "millrace/base/text.h"
#include "tests/kernels/harness.h"

/// Kernels once more, from their written definitions: slow, plain, in 80-bit floats. Windows are vectors made anew on
/// every row; nothing slides.
namespace millrace::testing::naive {

using Real = long double;
using Reals = std::vector<Real>;
inline constexpr Real null = std::numeric_limits<Real>::quiet_NaN();
inline constexpr Real eps = 0x1p-52L;

/// The call's named parameters as text.
struct Arguments {
  std::map<std::string, std::string> text;

  explicit Arguments(const Call& call) {
    for (const Argument& argument : call.expression.arguments) text[argument.name] = argument.value;
  }
  bool has(const std::string& name) const { return text.contains(name); }
  Real number(const std::string& name, Real otherwise) const {
    return has(name) ? static_cast<Real>(parse_number(text.at(name)).value_or(no_value)) : otherwise;
  }
  std::string word(const std::string& name, const std::string& otherwise) const {
    return has(name) ? text.at(name) : otherwise;
  }
};

/// What a definition sees: the window oldest first, the value just before it, and the newest value (in it or not).
struct View {
  Reals window;             // of the first input
  std::vector<Reals> rows;  // of all inputs
  Real before = null, newest = null;
  bool is_time = false;
};

inline Real mean_of(const Reals& x) {
  Real sum = 0;
  for (const Real value : x) sum += value;
  return sum / static_cast<Real>(x.size());
}
inline Real central(const Reals& x, int power) {
  const Real mean = mean_of(x);
  Real sum = 0;
  for (const Real value : x) sum += powl(value - mean, static_cast<Real>(power));
  return sum;
}
inline Real squares_about_mean(const Reals& x) {
  const Real m2 = central(x, 2), unit = 16 * eps * fabsl(mean_of(x));
  return m2 <= static_cast<Real>(x.size()) * unit * unit ? 0 : m2;
}
inline Real quantile(Reals x, Real q) {
  std::sort(x.begin(), x.end());
  const Real place = static_cast<Real>(x.size() - 1) * q;
  const auto below = static_cast<std::size_t>(place);
  const Real high = x[std::min(below + 1, x.size() - 1)];
  return x[below] + (place - static_cast<Real>(below)) * (high - x[below]);
}
inline Real correlation(const Reals& u, const Reals& v) {
  const Real uu = squares_about_mean(u), vv = squares_about_mean(v), mu = mean_of(u), mv = mean_of(v);
  if (uu == 0 || vv == 0) return null;
  Real uv = 0;
  for (std::size_t i = 0; i < u.size(); ++i) uv += (u[i] - mu) * (v[i] - mv);
  return fabsl(uv) <= 16 * eps * sqrtl(uu * vv) ? 0 : uv / sqrtl(uu * vv);
}

inline Reals welford_mean_var(const Arguments& a, const View& v) {
  const auto n = static_cast<Real>(v.window.size());
  if (n < 2) return {mean_of(v.window), null, null};
  const Real variance = squares_about_mean(v.window) / (n - a.number("ddof", 1));
  return {mean_of(v.window), variance, sqrtl(variance)};
}
inline Reals rolling_zscore(const Arguments& a, const View& v) {
  const Real sd = sqrtl(squares_about_mean(v.window) / (static_cast<Real>(v.window.size()) - a.number("ddof", 1)));
  return {sd == 0 ? null : (v.newest - mean_of(v.window)) / sd};
}
inline Reals rolling_sum(const Arguments&, const View& v) {
  return {v.window.empty() ? 0 : mean_of(v.window) * static_cast<Real>(v.window.size())};
}
inline Reals sma(const Arguments&, const View& v) { return {mean_of(v.window)}; }
inline Reals realized_var(const Arguments&, const View& v) {
  Real sum = 0;
  for (const Real r : v.window) sum += r * r;
  return {sum};
}
inline Reals bipower_var(const Arguments&, const View& v) {
  Real sum = 0, products = 0, last = v.is_time ? v.before : null;
  for (const Real r : v.window) {
    if (!std::isnan(last)) {
      sum += fabsl(r * last);
      products += 1;
    }
    last = r;
  }
  return {products == 0 ? null : acosl(-1) / 2 * static_cast<Real>(v.window.size()) / products * sum};
}
inline Reals bollinger_bands(const Arguments& a, const View& v) {
  const Real mid = mean_of(v.window);
  const Real half = a.number("k", 2) * sqrtl(squares_about_mean(v.window) / static_cast<Real>(v.window.size()));
  return {mid, mid + half, mid - half, half == 0 ? null : (v.newest - mid + half) / (2 * half), 2 * half / mid};
}
inline Reals rolling_std(const Arguments& a, const View& v) {
  return {sqrtl(squares_about_mean(v.window) / (static_cast<Real>(v.window.size()) - a.number("ddof", 1)))};
}
inline Reals rolling_skew(const Arguments&, const View& v) {
  const auto n = static_cast<Real>(v.window.size());
  const Real m2 = squares_about_mean(v.window) / n, m3 = central(v.window, 3) / n;
  return {m2 == 0 ? null : m3 / powl(m2, 1.5L) * sqrtl(n * (n - 1)) / (n - 2)};
}
inline Reals rolling_kurt(const Arguments&, const View& v) {
  const auto n = static_cast<Real>(v.window.size());
  const Real m2 = squares_about_mean(v.window) / n, m4 = central(v.window, 4) / n;
  if (m2 == 0) return {null};
  return {(n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (m4 / (m2 * m2) - 3) + 6)};
}
inline Reals historical_var(const Arguments& a, const View& v) {
  return {-quantile(v.window, a.number("alpha", 0.05L))};
}
inline Reals autocorr(const Arguments& a, const View& v) {
  const auto lag = static_cast<std::ptrdiff_t>(a.number("lag", 1));
  return {correlation({v.window.begin() + lag, v.window.end()}, {v.window.begin(), v.window.end() - lag})};
}
inline Reals log_returns(const Arguments&, const View& v) {
  const Real reference = v.is_time ? v.before : v.window[0];
  return {log1pl((v.newest - reference) / reference)};
}
inline Reals lag(const Arguments&, const View& v) { return {v.is_time ? v.before : v.window[0]}; }
inline Reals diff(const Arguments&, const View& v) { return {v.newest - v.window[0]}; }

/// A definition over windows: its default window and the fewest observations of the formula (-1: the full window only).
struct Windowed {
  Reals (*of)(const Arguments&, const View&);
  Real window;
  std::size_t fewest;
};
inline const std::map<std::string_view, Windowed> windowed{
    {"welford_mean_var", {welford_mean_var, 0, 1}},
    {"rolling_zscore", {rolling_zscore, 100, 2}},
    {"rolling_sum", {rolling_sum, 20, 1}},
    {"realized_var", {realized_var, 20, 1}},
    {"bipower_var", {bipower_var, 20, 2}},
    {"sma", {sma, 20, 1}},
    {"bollinger_bands", {bollinger_bands, 20, 2}},
    {"rolling_std", {rolling_std, 20, 2}},
    {"rolling_skew", {rolling_skew, 100, 3}},
    {"rolling_kurt", {rolling_kurt, 100, 4}},
    {"historical_var", {historical_var, 100, 1}},
    {"autocorr", {autocorr, 100, 2}},
    {"log_returns", {log_returns, 1, 1}},
    {"lag", {lag, 1, 0}},
    {"diff", {diff, 1, 1}},
};

}  // namespace millrace::testing::naive
