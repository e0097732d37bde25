#pragma once

#include "tests/kernels/naive.h"

/// Definitions over bars, on all observations of an instrument: windows are cut anew on every row.
namespace millrace::testing::naive {

/// high, low and, where given, open and close of a bar.
struct Bar {
  Real open, high, low, close;
};
using Bars = std::vector<Bar>;

inline Bar bar_of(const Reals& x) {
  if (x.size() == 4) return {x[0], x[1], x[2], x[3]};
  return {x.size() == 3 ? x[2] : x[0], x[0], x[1], x.size() == 3 ? x[2] : x[0]};
}
inline bool is_possible(const Bar& b) {
  return b.low > 0 && b.low <= std::min(b.open, b.close) && std::max(b.open, b.close) <= b.high;
}

inline Real log_of(Real p, Real q) { return log1pl((p - q) / q); }
inline Reals squared(const Reals& x) {
  Reals out;
  for (const Real value : x) out.push_back(value * value);
  return out;
}
inline Real rogers_satchell_of(const Bar& b) {
  return log_of(b.high, b.close) * log_of(b.high, b.open) + log_of(b.low, b.close) * log_of(b.low, b.open);
}

/// The volatilities over the last n bars; `before` is the close before them.
inline Real bar_volatility(std::string_view name, const Bars& bars, Real before) {
  Reals range, move, gap, within;
  for (const Bar& b : bars) {
    range.push_back(log_of(b.high, b.low));
    move.push_back(log_of(b.close, b.open));
    gap.push_back(log_of(b.open, before));
    within.push_back(rogers_satchell_of(b));
    before = b.close;
  }
  const auto n = static_cast<Real>(bars.size());
  if (name == "parkinson_vol") return sqrtl(mean_of(squared(range)) / (4 * logl(2)));
  if (name == "gk_vol") return sqrtl(mean_of(squared(range)) / 2 - (2 * logl(2) - 1) * mean_of(squared(move)));
  if (name == "rogers_satchell_vol") return sqrtl(mean_of(within));
  const Real k = 0.34L / (1.34L + (n + 1) / (n - 1));
  return sqrtl(squares_about_mean(gap) / (n - 1) + k * squares_about_mean(move) / (n - 1) + (1 - k) * mean_of(within));
}

inline Real corwin_schultz_of(const Arguments& a, const Bar& one, const Bar& two) {
  Real gap = two.low > one.close ? two.low - one.close : two.high < one.close ? two.high - one.close : 0;
  if (a.word("gap_adjust", "true") == "false") gap = 0;
  if (two.low - gap <= 0) return null;
  const Real beta = powl(log_of(one.high, one.low), 2) + powl(log_of(two.high - gap, two.low - gap), 2);
  const Real gamma = powl(log_of(std::max(one.high, two.high - gap), std::min(one.low, two.low - gap)), 2);
  const Real part = 3 - 2 * sqrtl(2), alpha = (sqrtl(2 * beta) - sqrtl(beta)) / part - sqrtl(gamma / part);
  const Real spread = 2 * (expl(alpha) - 1) / (1 + expl(alpha));
  const std::string negative = a.word("negative", "zero");
  return spread >= 0 || negative == "keep" ? spread : negative == "zero" ? 0 : null;
}
inline Real abdi_ranaldo_of(const Bar& one, const Bar& two) {
  const Real here = (log_of(one.close, one.high) + log_of(one.close, one.low)) / 2;
  return sqrtl(std::max<Real>(0, 4 * here * (log_of(one.close, two.high) + log_of(one.close, two.low)) / 2));
}
/// The mean of what pairs of neighbours give.
template <class Of>
inline Real over_pairs(const Bars& bars, Of&& of) {
  Reals values;
  for (std::size_t i = 1; i < bars.size(); ++i) {
    if (const Real value = of(bars[i - 1], bars[i]); !std::isnan(value)) values.push_back(value);
  }
  return values.empty() ? null : mean_of(values);
}

/// Kernels for which an impossible bar is no observation.
inline std::vector<Reals> possible_bars(std::string_view name, const Arguments& a, const std::vector<Reals>& rows) {
  const bool takes_one_before = name == "yang_zhang_vol" || name == "abdi_ranaldo_spread";
  const bool is_cs = name == "corwin_schultz_spread";
  const auto extra = static_cast<std::size_t>(takes_one_before);
  const auto window = static_cast<std::size_t>(a.number("window", is_cs ? 2 : 20));
  const std::size_t fewest = is_cs || name == "yang_zhang_vol" ? 2 : 1;
  const auto least =
      a.has("min_periods") ? std::max(fewest, static_cast<std::size_t>(a.number("min_periods", 0))) : window;
  Bars all;
  std::vector<Reals> out;
  for (const Reals& row : rows) {
    out.push_back({null});
    if (!is_possible(bar_of(row))) continue;
    all.push_back(bar_of(row));
    if (all.size() < least + extra) continue;
    const Bars last(all.end() - static_cast<std::ptrdiff_t>(std::min(all.size(), window + extra)), all.end());
    if (is_cs) {
      out.back()[0] = over_pairs(last, [&](const Bar& x, const Bar& y) { return corwin_schultz_of(a, x, y); });
    } else if (name == "abdi_ranaldo_spread") {
      out.back()[0] = over_pairs(last, abdi_ranaldo_of);
    } else {
      const auto from = last.begin() + static_cast<std::ptrdiff_t>(extra);
      out.back()[0] = bar_volatility(name, {from, last.end()}, last[0].close);
    }
  }
  return out;
}

inline Reals extremes(const std::vector<Reals>& rows, std::size_t from, std::size_t to) {
  Real high = rows[from][0], low = rows[from][1];
  for (std::size_t i = from; i < to; ++i) {
    high = std::max(high, rows[i][0]);
    low = std::min(low, rows[i][1]);
  }
  return {high, low, (high + low) / 2};
}
inline std::vector<Reals> donchian_channel(const Arguments& a, const std::vector<Reals>& rows) {
  const auto w = static_cast<std::size_t>(a.number("window", 20));
  const auto least = static_cast<std::size_t>(a.number("min_periods", static_cast<Real>(w)));
  std::vector<Reals> out;
  for (std::size_t t = 0; t < rows.size(); ++t) {
    const std::size_t end = a.word("include_current", "false") == "true" ? t + 1 : t;
    out.push_back(end >= std::max<std::size_t>(1, least) ? extremes(rows, end - std::min(end, w), end)
                                                         : Reals{null, null, null});
  }
  return out;
}
inline std::vector<Reals> stochastic_osc(const Arguments& a, const std::vector<Reals>& rows) {
  const auto w = static_cast<std::size_t>(a.number("k_period", 14));
  const auto d = static_cast<std::size_t>(a.number("d_period", 3));
  Reals places;
  std::vector<Reals> out;
  for (std::size_t t = 0; t < rows.size(); ++t) {
    out.push_back({null, null});
    if (t + 1 < w) continue;
    const Reals range = extremes(rows, t + 1 - w, t + 1);
    if (range[0] == range[1]) continue;
    places.push_back(100 * (rows[t][2] - range[1]) / (range[0] - range[1]));
    const bool is_full = places.size() >= d;
    out.back() = {places.back(),
                  is_full ? mean_of({places.end() - static_cast<std::ptrdiff_t>(d), places.end()}) : null};
  }
  return out;
}

/// Wilder's average of the values that exist: a plain mean of the first n, null before.
inline Real wilder(const Reals& x, std::size_t n) {
  if (x.size() < n) return null;
  Real average = mean_of({x.begin(), x.begin() + static_cast<std::ptrdiff_t>(n)});
  for (std::size_t i = n; i < x.size(); ++i) average += (x[i] - average) / static_cast<Real>(n);
  return average;
}
inline std::vector<Reals> directions(bool is_adx, const Arguments& a, const std::vector<Reals>& rows) {
  const auto n = static_cast<std::size_t>(a.number("period", 14));
  Reals plus, minus, range, indices;
  std::vector<Reals> out;
  for (std::size_t t = 0; t < rows.size(); ++t) {
    out.push_back(is_adx ? Reals{null, null, null} : Reals{null, null});
    if (t == 0) continue;
    const Real close = rows[t - 1][2], up = rows[t][0] - rows[t - 1][0], down = rows[t - 1][1] - rows[t][1];
    range.push_back(std::max({rows[t][0] - rows[t][1], fabsl(rows[t][0] - close), fabsl(rows[t][1] - close)}));
    plus.push_back(up > down && up > 0 ? up : 0);
    minus.push_back(down > up && down > 0 ? down : 0);
    // Wilder's sum is n times his average.
    const Real whole = wilder(range, n), above = wilder(plus, n), below = wilder(minus, n);
    if (!is_adx) out.back() = {whole, range.back()};
    if (!is_adx || range.size() < n || whole == 0) continue;
    if (above + below > 0) indices.push_back(100 * fabsl(above - below) / (above + below));
    out.back() = {above + below > 0 ? wilder(indices, n) : null, 100 * above / whole, 100 * below / whole};
  }
  return out;
}

/// The values on the observations of a kernel over bars, or nothing where it is another kernel.
inline std::vector<Reals> bar_kernel(std::string_view name, const Arguments& a, const std::vector<Reals>& rows) {
  if (name == "donchian_channel") return donchian_channel(a, rows);
  if (name == "stochastic_osc") return stochastic_osc(a, rows);
  if (name == "atr" || name == "adx") return directions(name == "adx", a, rows);
  if (name.ends_with("_vol") || name == "corwin_schultz_spread" || name == "abdi_ranaldo_spread") {
    return possible_bars(name, a, rows);
  }
  return {};
}

}  // namespace millrace::testing::naive
