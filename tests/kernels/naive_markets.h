#pragma once

#include <fstream>

#include "tests/kernels/naive_bars.h"
#include "tests/kernels/naive_clock.h"
#include "tests/kernels/naive_closed_bars.h"
#include "tests/kernels/naive_formulas.h"
#include "tests/kernels/naive_gates.h"
#include "tests/kernels/naive_legs.h"
#include "tests/kernels/naive_paths.h"
#include "tests/kernels/naive_stamps.h"

/// Definitions that look at every row: event-time windows, trade signs, volume buckets; and the way onto the rows.
namespace millrace::testing::naive {

inline std::vector<Reals> time_windows(const Call& call, const Arguments& a, const Series& series) {
  const Windowed& d = *find_windowed(call.kernel->doc.name);
  const std::string_view name = call.kernel->doc.name;
  const bool is_additive = name == "rolling_sum" || name == "realized_var" || name == "lag" || name == "log_returns";
  const bool leaves_out_newest = is_prior(name, a);
  const std::size_t fewest = d.fewest_by_time >= 0                        ? static_cast<std::size_t>(d.fewest_by_time)
                             : is_additive                                ? 0
                             : name == "bipower_var" || has_samples(name) ? 1
                                                                          : d.fewest;
  const Nanos width = parse_duration("10s").value_or(1) / 50;
  std::vector<Reals> out;
  std::vector<std::pair<Nanos, Real>> past;  // bucket and value of each observation
  std::vector<Reals> all;                    // its inputs
  for (std::size_t row = 0; row < series.rows(); ++row) {
    const Nanos bucket = series.clock[row] / width;
    const bool is_null = series.seen[row] == observed && is_null_row(*call.kernel, series, row);
    if (series.seen[row] == observed && !is_null) {
      past.emplace_back(bucket, series.inputs[0][row]);
      all.emplace_back();
      for (const auto& input : series.inputs) all.back().push_back(input[row]);
    }
    View view{.newest = past.empty() ? null : past.back().second, .is_time = true};
    for (std::size_t i = 0; i + (leaves_out_newest ? 1 : 0) < past.size(); ++i) {
      if (past[i].first <= bucket - 50) view.before = past[i].second;
      if (past[i].first <= bucket - 50) continue;
      if (has_samples(name) && i + 1 < past.size() && past[i].first == past[i + 1].first) continue;
      view.window.push_back(past[i].second);
      view.rows.push_back(all[i]);
    }
    const bool is_warm = bucket - series.clock[0] / width >= 50 && !past.empty() && view.window.size() >= fewest;
    out.push_back(is_warm && !is_null ? d.of(a, view) : Reals(call.kernel->outputs.size(), null));
  }
  return out;
}

inline std::vector<Reals> trade_sign(const Arguments& a, const Series& s) {
  std::vector<Reals> out;
  Real last = null, direction = null, shown = null;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    const bool is_same = a.word("quote", "previous") == "same";
    const Real price = s.inputs[0][row];
    const Real bid = is_same ? s.inputs[1][row] : row == 0 ? null : s.inputs[1][row - 1];
    const Real ask = is_same ? s.inputs[2][row] : row == 0 ? null : s.inputs[2][row - 1];
    if (s.seen[row] == observed) shown = null;
    if (s.seen[row] == observed && !std::isnan(price)) {
      if (!std::isnan(last) && price != last) direction = price > last ? 1 : -1;
      last = price;
      const Real above = 2 * price - bid - ask;
      if (!std::isnan(s.inputs[3][row])) {
        shown = s.inputs[3][row];
      } else if (bid > 0 && bid <= ask) {
        shown = fabsl(above) <= 4 * eps * (bid + ask) ? direction : above > 0 ? 1 : -1;
      }
    }
    out.push_back({shown});
  }
  return out;
}

inline std::vector<Reals> effective_spread(const Call& call, const Arguments& a, const Series& s) {
  std::vector<Reals> out;
  Real shown = null;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    const Real mid = row == 0 ? null : s.inputs[1][row - 1];
    if (s.seen[row] == observed) {
      const Real spread = 2 * static_cast<Real>(s.inputs[2][row]) * (s.inputs[0][row] - mid);
      shown = is_null_row(*call.kernel, s, row)  ? null
              : a.word("unit", "price") == "bps" ? 10'000 * spread / mid
                                                 : spread;
    }
    out.push_back({shown});
  }
  return out;
}

/// Volume buckets as a list of parts.
struct Buckets {
  Real capacity = 0, bought = 0, sold = 0;
  std::vector<std::pair<Real, Real>> full;  // |bought - sold| and volume

  void pour(Real volume, Real share, Real fresh) {
    while (volume > 0) {
      if (capacity == 0) capacity = fresh > 0 ? fresh : 0;
      if (capacity == 0) return;
      const Real part = std::min(volume, capacity - bought - sold);
      bought += part * share;
      sold += part * (1 - share);
      volume -= part;
      if (capacity - bought - sold > 1e-12L * capacity) continue;
      full.emplace_back(fabsl(bought - sold), bought + sold);
      capacity = bought = sold = 0;
    }
  }
  Real vpin(std::size_t n) const {
    if (full.size() < n) return null;
    Real imbalance = 0, volume = 0;
    for (std::size_t i = full.size() - n; i < full.size(); ++i) {
      imbalance += full[i].first;
      volume += full[i].second;
    }
    return imbalance / volume;
  }
};

inline std::vector<Reals> vpin(const Call& call, const Arguments& a, const Series& s) {
  const auto n = static_cast<std::size_t>(a.number("buckets", 50));
  const std::string mode = a.word("mode", "side");
  const Nanos minute = 60 * one_second;
  const Real alpha = 1 - powl(2, -1 / 50.0L);
  Buckets buckets;
  Real shown = null, last = null, direction = null, close = null, close_before = null, volume = 0, mean = 0,
       variance = 0;
  std::size_t changes = 0;
  Nanos bar = -1;
  std::vector<Reals> out;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    const Real size = s.inputs[0][row], price = s.inputs[2][row];
    const Real fresh = a.has("bucket_volume") ? a.number("bucket_volume", 0) : static_cast<Real>(s.inputs[3][row]) / 50;
    if (bar >= 0 && s.clock[row] / minute > bar) {
      const Real change = close - close_before;
      if (!std::isnan(change)) {
        if (changes >= 2 && variance > powl(16 * eps * mean, 2)) {
          buckets.pour(volume, erfcl(-change / sqrtl(2 * variance)) / 2, fresh);
        }
        const Real delta = changes == 0 ? 0 : change - mean;
        mean = changes == 0 ? change : mean + alpha * delta;
        variance = (1 - alpha) * (variance + alpha * delta * delta);
        ++changes;
      }
      close_before = close;
      bar = -1;
      volume = 0;
      shown = buckets.vpin(n);
    }
    if (s.seen[row] == observed) {
      shown = null;
      if (!is_null_row(*call.kernel, s, row)) {
        if (price != last && !std::isnan(last)) direction = price > last ? 1 : -1;
        last = price;
        const Real sign = mode == "tick" ? direction : static_cast<Real>(s.inputs[1][row]);
        if (mode == "bulk") {
          bar = s.clock[row] / minute;
          volume += size;
          close = price;
          shown = buckets.vpin(n);
        } else if (!std::isnan(sign)) {
          buckets.pour(size, sign > 0 ? 1 : 0, fresh);
          shown = buckets.vpin(n);
        }
      }
    }
    out.push_back({shown});
  }
  return out;
}

/// The table read by hand: lines i,s,g after two of heading; what stands nearest below a wide spread counts for it.
inline Real stoikov(const Arguments& a, const Reals& x) {
  std::ifstream file(a.word("table", ""));
  std::string line;
  std::getline(file, line);
  std::getline(file, line);
  std::map<std::pair<long, long>, Real> g;
  long n = 0, widest = 0;
  while (std::getline(file, line)) {
    const long i = std::stol(line), s = std::stol(line.substr(line.find(',') + 1));
    g[{i, s}] = static_cast<Real>(parse_number(line.substr(line.rfind(',') + 1)).value_or(no_value));
    n = std::max(n, i + 1);
    widest = std::max(widest, s);
  }
  const Real share = x[2] / (x[2] + x[3]);
  const long spread = lroundl((x[1] - x[0]) / a.number("tick", 0));
  long i = 0;
  while (i + 1 < n && static_cast<Real>(i + 1) <= share * static_cast<Real>(n)) ++i;
  const auto found = g.find({i, std::min(spread, widest)});
  return spread < 1 || std::isnan(share) || found == g.end() ? null : (x[0] + x[1]) / 2 + found->second;
}

inline Real box_cox(Real x, Real lambda) { return lambda == 0 ? logl(x) : expm1l(lambda * logl(x)) / lambda; }

inline Reals formula(const Call& call, const Arguments& a, const Reals& x) {
  const std::string_view name = call.kernel->doc.name;
  if (const Reals other = money_formula(name, a, x); !other.empty()) return other;
  const Real lambda = a.number("lambda", 0);
  if (name == "cornish_fisher_var") return {cornish_fisher_var(a, x)};
  if (name == "boxcox") return {x[0] > 0 ? box_cox(x[0], lambda) : null};
  if (name == "yeo_johnson") return {x[0] >= 0 ? box_cox(x[0] + 1, lambda) : -box_cox(1 - x[0], 2 - lambda)};
  if (name == "midprice") return {x[0] > 0 && x[0] <= x[1] ? (x[0] + x[1]) / 2 : null};
  if (name == "microprice" && a.has("table")) return {stoikov(a, x)};
  if (name == "microprice") return {(x[0] * x[3] + x[1] * x[2]) / (x[2] + x[3])};
  if (name == "l1_imbalance") return {(x[0] - x[1]) / (x[0] + x[1])};
  return {a.word("unit", "price") == "bps" ? 20'000 * (x[1] - x[0]) / (x[0] + x[1]) : x[1] - x[0]};
}

inline std::vector<Reals> by_observation(const Call& call, const Arguments& a, const std::vector<Row>& rows) {
  const std::string_view name = call.kernel->doc.name;
  if (name == "vwap") return anchored_vwap(a, rows);
  if (name == "vol_target") return vol_target(a, rows);
  if (name == "throttle_check") return throttle_check(a, rows);
  if (name == "kalman_hedge_ratio") return kalman_hedge_ratio(a, rows);
  if (name == "pnl_fx") return pnl_fx(rows);
  if (find_windowed(name) != nullptr) return row_windows(call, a, rows);
  if (name == "ewma" || name == "ema") return averages(call, a, rows);
  if (name == "riskmetrics_vol") return riskmetrics_vol(a, rows);
  if (name == "macd") return macd(a, rows);
  if (name == "rsi") return rsi(a, rows);
  if (name == "cusum") return cusum(a, rows);
  if (name == "ofi") return ofi(rows);
  if (std::vector<Reals> path = paths(call, a, rows); !path.empty() || rows.empty()) return path;
  std::vector<Reals> inputs;
  for (const Row& row : rows) inputs.push_back(row.x);
  return bar_kernel(name, a, inputs);  // without a definition the test fails
}

/// The values on all rows of a series.
inline std::vector<Reals> play(const Call& call, const Series& series) {
  const Arguments a(call);
  const std::string_view name = call.kernel->doc.name;
  if (name == "trade_sign") return trade_sign(a, series);
  if (name == "effective_spread") return effective_spread(call, a, series);
  if (name == "vpin") return vpin(call, a, series);
  if (name == "trade_intensity") return trade_intensity(call, a, series);
  if (name == "tick_bars" || name == "volume_bars" || name == "dollar_bars") return filled_bars(call, a, series);
  if (name == "imbalance_bars") return imbalance_bars(call, a, series);
  if (name == "resample_ohlc") return resample_ohlc(call, a, series);
  if (name == "realized_spread" || name == "price_impact_markout") return matured(call, a, series);
  if (name == "twap") return twap(call, a, series);
  if (name == "dedupe_trades") return dedupe_trades(call, a, series);
  if (name == "clock_skew_align") return clock_skew_align(call, a, series);
  if (name == "bar_consistency") return bar_consistency(call, a, series);
  if (name == "funding_cost") return funding_cost(series);
  if (name == "perp_fair_price") return perp_fair_price(a, series);
  if (name == "liquidation_density") return liquidation_density(call, a, series);
  if (name == "circuit_breaker") return circuit_breaker(call, a, series);
  if (std::vector<Reals> rows = over_legs(call, a, series); !rows.empty()) return rows;
  if (name == "stale_quote_detector") return stale_quote_detector(a, series);
  if (call.form().is_reevaluated) return time_windows(call, a, series);
  std::vector<Row> rows;
  std::vector<std::size_t> where;
  for (std::size_t row = 0; row < series.rows(); ++row) {
    const bool is_seen = call.form().is_stateless || series.seen[row] == observed;
    if (!is_seen || (!call.form().is_stateless && is_null_row(*call.kernel, series, row))) continue;
    rows.push_back({.clock = series.clock[row]});
    for (const auto& input : series.inputs) rows.back().x.push_back(input.empty() ? no_value : input[row]);
    if (call.is_of_time()) rows.back().x[0] = static_cast<Real>(Cell::time(series.inputs[0][row]));
    where.push_back(row);
  }
  std::vector<Reals> values;
  if (call.form().is_stateless) {
    for (const Row& row : rows) values.push_back(formula(call, a, row.x));
  } else {
    values = by_observation(call, a, rows);
  }
  std::vector<Reals> out(series.rows(), Reals(call.kernel->outputs.size(), null));
  for (std::size_t row = 0, next = 0; row < series.rows(); ++row) {
    if (next < values.size() && where[next] == row) {
      out[row] = values[next++];
    } else if (series.seen[row] == unobserved && row > 0) {
      out[row] = out[row - 1];
    }
  }
  return out;
}

}  // namespace millrace::testing::naive
