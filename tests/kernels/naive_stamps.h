#pragma once

#include "tests/kernels/naive_clock.h"

/// Definitions of what goes by times and numbers that the rows themselves carry.
namespace millrace::testing::naive {

inline std::vector<Reals> dedupe_trades(const Call& call, const Arguments& a, const Series& s) {
  const auto capacity = static_cast<std::size_t>(a.number("capacity", 4096));
  std::vector<std::vector<double>> seen;  // the last different ones, oldest first
  std::vector<Reals> out;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    out.push_back({row == 0 ? null : out.back()[0]});
    if (s.seen[row] != observed) continue;
    std::vector<double> id;
    bool is_known = true;
    for (std::size_t i = 0; i < call.expression.operands.size(); ++i) {
      id.push_back(s.inputs[i][row]);
      is_known = is_known && !std::isnan(id.back());
    }
    const bool is_duplicate = std::find(seen.begin(), seen.end(), id) != seen.end();
    out.back()[0] = is_known && is_duplicate ? 1 : 0;
    if (!is_known || is_duplicate) continue;
    seen.push_back(id);
    if (seen.size() > capacity) seen.erase(seen.begin());
  }
  return out;
}

/// The least delay of all observations in the window, full or not.
inline std::vector<Reals> clock_skew_align(const Call& call, const Arguments& a, const Series& s) {
  const bool is_windowed = a.word("window", "10m") != "expanding";
  const Nanos width = a.word("window", "10m") == "10s" ? one_second / 5 : 10 * one_second;
  std::vector<std::size_t> rows;
  std::vector<Reals> out;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    const bool is_seen = s.seen[row] == observed;
    const Nanos buckets = is_windowed && a.has("window") ? 50 : 60;
    out.push_back({null, null});
    if (!is_windowed && !is_seen && row > 0) out.back() = out[row - 1];
    if (is_valid(call, s, row)) rows.push_back(row);
    if (rows.empty() || is_null_observation(call, s, row) || (!is_windowed && !is_seen)) continue;
    Nanos least = INT64_MAX;
    for (const std::size_t i : rows) {
      if (is_windowed && s.clock[i] / width <= s.clock[row] / width - buckets) continue;
      least = std::min(least, Cell::time(s.inputs[1][i]) - Cell::time(s.inputs[0][i]));
    }
    if (least == INT64_MAX) continue;
    out.back() = {static_cast<Real>(least), static_cast<Real>(Cell::time(s.inputs[0][rows.back()]) + least)};
  }
  return out;
}

/// Each bar against all starts before it.
inline std::vector<Reals> bar_consistency(const Call& call, const Arguments& a, const Series& s) {
  const bool has_start = call.expression.operands.size() == 6;
  const Nanos interval = parse_duration(a.word("interval", "400d")).value_or(0);
  std::vector<Nanos> starts;
  std::vector<Reals> out;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    const bool is_seen = s.seen[row] == observed;
    out.push_back({is_seen || row == 0 ? null : out.back()[0]});
    if (!is_valid(call, s, row)) continue;
    const auto x = [&](std::size_t input) { return s.inputs[input][row]; };
    const bool is_wrong = x(2) > x(0) || x(2) > x(3) || x(0) > x(1) || x(3) > x(1);
    const Nanos start = has_start ? Cell::time(x(5)) : no_time;
    bool is_far = !starts.empty(), is_late = false;
    for (const Nanos other : starts) {
      is_far = is_far && start > other + interval;
      is_late = is_late || start <= other;
    }
    out.back()[0] = (is_wrong ? 1 : 0) + (x(4) < 0 ? 2 : 0);
    if (start == no_time) continue;
    out.back()[0] += (is_far ? 4 : 0) + (is_late ? 8 : 0);
    starts.push_back(start);
  }
  return out;
}

inline Real product_of(const Series& s, std::size_t row, std::size_t inputs) {
  Real product = 1;
  for (std::size_t i = 0; i < inputs; ++i) product *= static_cast<Real>(s.inputs[i][row]);
  return product;
}

/// Each row looks for all stamps that were passed between two rows up to it.
inline std::vector<Reals> funding_cost(const Series& s) {
  std::vector<Reals> out;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    Real paid = 0;
    bool has_begun = false;
    for (std::size_t i = 0; i <= row; ++i) {
      const Nanos stamp = Cell::time(s.inputs[3][i]);
      if (std::isnan(product_of(s, i, 3)) || stamp == no_time) continue;
      has_begun = true;
      if (i < row && s.clock[i] < stamp && stamp <= s.clock[i + 1]) paid += product_of(s, i, 3);
    }
    out.push_back({has_begun ? paid : null});
  }
  return out;
}

inline std::vector<Reals> perp_fair_price(const Arguments& a, const Series& s) {
  const Nanos interval = parse_duration(a.word("interval", "1h")).value_or(0);
  std::vector<Reals> out;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    const Nanos stamp = Cell::time(s.inputs[2][row]);
    out.push_back({null});
    if (stamp == no_time || stamp < s.clock[row] || stamp > s.clock[row] + interval) continue;
    const Real part = seconds(stamp - s.clock[row]) / seconds(interval);
    out.back()[0] = s.inputs[0][row] + s.inputs[0][row] * s.inputs[1][row] * part;
  }
  return out;
}

}  // namespace millrace::testing::naive
