#pragma once

#include "tests/kernels/naive_rows.h"

/// Definitions over several legs: nothing is kept but lists of what each leg did, and every row looks through them.
namespace millrace::testing::naive {

struct Return {
  Nanos begin, end;
  Real r;
};

/// Both sums of Hayashi and Yoshida by brute force. Returns of one end time are one; a pair is dated by its later end.
inline std::vector<Reals> hayashi_yoshida(const Call& call, const Arguments& a, const Series& s) {
  const bool is_corr = call.kernel->doc.name == "hayashi_yoshida_corr";
  const bool is_expanding = a.word("window", "60s") == "expanding";
  const Nanos buckets = is_expanding ? 1 : 50;
  const Nanos width = is_expanding ? 1 : parse_duration(a.word("window", "60s")).value_or(1) / buckets;
  std::vector<Return> legs[2];
  std::vector<Reals> out;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    const Nanos now = s.clock[row];
    bool is_null = false;
    for (std::size_t leg = 0; leg < 2; ++leg) is_null |= seen_of(*call.kernel, s, leg, row) == observed_null;
    for (std::size_t leg = 0; leg < 2 && !is_null; ++leg) {
      if (seen_of(*call.kernel, s, leg, row) != observed) continue;
      const Real r = s.inputs[leg][row];
      if (!legs[leg].empty() && legs[leg].back().end == now) {
        Real& all = legs[leg].back().r;
        all = fabsl(all + r) <= 16 * eps * fabsl(all) ? 0 : all + r;
      } else {
        legs[leg].push_back({legs[leg].empty() ? first_of(s, leg, row + 1) : legs[leg].back().end, now, r});
      }
    }
    const auto is_in = [&](Nanos end) { return is_expanding || end / width > now / width - buckets; };
    Real product = 0, squares[2] = {0, 0};
    std::size_t count[2] = {0, 0};
    for (const Return& one : legs[0]) {
      auto other =
          std::partition_point(legs[1].begin(), legs[1].end(), [&](const Return& r) { return r.end <= one.begin; });
      for (; other != legs[1].end() && other->begin < one.end; ++other) {  // those that overlap stand together
        if (one.begin == one.end || other->begin == other->end) continue;  // empty
        if (is_in(std::max(one.end, other->end))) product += one.r * other->r;
      }
    }
    for (std::size_t leg = 0; leg < 2; ++leg) {
      for (const Return& one : legs[leg]) {
        if (!is_in(one.end)) continue;
        squares[leg] += one.r * one.r;
        ++count[leg];
      }
    }
    const Nanos first = std::max(first_of(s, 0, row + 1), first_of(s, 1, row + 1));
    const bool is_warm = is_expanding || now / width - first / width >= buckets;
    const bool has_value = is_warm && !is_null && count[0] > 0 && count[1] > 0;
    const Real size = sqrtl(squares[0] * squares[1]);
    out.push_back({!has_value ? null : !is_corr ? product : size > 0 ? product / size : null});
  }
  return out;
}

/// Correlations at all lags of the last `window` returns, each anew.
inline Reals lead_and_lag(const Arguments& a, const std::vector<Reals>& returns) {
  const auto n = static_cast<std::ptrdiff_t>(a.number("window", 300));
  const auto most = static_cast<std::ptrdiff_t>(a.number("max_lag", 10));
  if (static_cast<std::ptrdiff_t>(returns.size()) < n) return {null, null};
  Reals u, v;
  for (auto at = returns.end() - n; at != returns.end(); ++at) {
    u.push_back((*at)[0]);
    v.push_back((*at)[1]);
  }
  const Real size = sqrtl(squares_about_mean(u) * squares_about_mean(v)), mean_u = mean_of(u), mean_v = mean_of(v);
  if (size == 0) return {null, null};
  Real lead = null, best = 0;
  for (std::ptrdiff_t step = 0; step <= most; ++step) {
    for (const std::ptrdiff_t k : {step, -step}) {
      Real sum = 0;
      for (std::ptrdiff_t t = std::max<std::ptrdiff_t>(0, -k); t < n && t + k < n; ++t) {
        sum += (u[static_cast<std::size_t>(t)] - mean_u) * (v[static_cast<std::size_t>(t + k)] - mean_v);
      }
      if (!std::isnan(lead) && fabsl(sum / size) <= fabsl(best) * (1 + 1e-9L)) continue;
      best = sum / size;
      lead = static_cast<Real>(k);
    }
  }
  if (fabsl(best) < a.number("min_sig", 2) / sqrtl(static_cast<Real>(n))) return {null, null};
  return {lead, best};
}

inline std::vector<Reals> xcorr_leadlag(const Call& call, const Arguments& a, const Series& s) {
  const Nanos step = parse_duration(a.word("grid", "1s")).value_or(1);
  const bool is_return = a.word("input", "price") == "return";
  std::vector<Reals> returns, out;
  Real price[2] = {null, null}, sample[2] = {null, null};
  Reals shown{null, null};
  Nanos next = no_time;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    const Nanos now = s.clock[row], first = std::max(first_of(s, 0, row + 1), first_of(s, 1, row + 1));
    const std::size_t before = returns.size();
    bool is_null = false;
    if (is_return) {
      is_null = s.seen[row] == observed && is_null_row(*call.kernel, s, row);
      if (s.seen[row] == observed && !is_null) returns.push_back({s.inputs[0][row], s.inputs[1][row]});
    } else if (now >= first) {
      if (next == no_time) next = (first + step - 1) / step * step;
      for (; next < now; next += step) {
        const Real r[2] = {logl(price[0] / sample[0]), logl(price[1] / sample[1])};
        if (!std::isnan(r[0] + r[1])) returns.push_back({r[0], r[1]});
        sample[0] = price[0];
        sample[1] = price[1];
      }
    }
    for (std::size_t leg = 0; leg < 2 && !is_return; ++leg) {
      if (seen_of(*call.kernel, s, leg, row) == unobserved) continue;
      const Real x = s.inputs[leg][row];
      is_null |= !(x > 0);
      if (x > 0) price[leg] = x;
    }
    if (returns.size() != before) shown = lead_and_lag(a, returns);
    out.push_back(is_null ? Reals{null, null} : shown);
  }
  return out;
}

struct Dated {
  Nanos time;
  Real x, y;
};

/// Of all that came so far the newest by time at or before `time`, of equal times the last to come.
inline const Dated* as_of(const std::vector<Dated>& all, Nanos time) {
  const Dated* found = nullptr;
  for (const Dated& one : all) {
    if (one.time <= time && (found == nullptr || one.time >= found->time)) found = &one;
  }
  return found;
}

inline std::vector<Reals> pairs_spread(const Call& call, const Arguments& a, const Series& s) {
  const bool is_log = a.word("log", "true") == "true";
  const Nanos tolerance = parse_duration(a.word("tolerance", "1s")).value_or(0);
  std::vector<Dated> legs[2];
  std::vector<Reals> out;
  Real shown = null;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    bool is_seen = false, is_null = false;
    for (std::size_t leg = 0; leg < 2; ++leg) {
      const Seen seen = seen_of(*call.kernel, s, leg, row);
      const Real x = s.inputs[leg][row];
      is_seen |= seen != unobserved;
      is_null |= seen == observed_null || (seen == observed && is_log && x <= 0);
      if (seen == observed && !(is_log && x <= 0)) legs[leg].push_back({s.clock[row], is_log ? logl(x) : x, 0});
    }
    Real value[2] = {null, null};
    for (std::size_t leg = 0; leg < 2; ++leg) {
      const Dated* found = as_of(legs[leg], s.clock[row]);
      if (found != nullptr && s.clock[row] - found->time <= tolerance) value[leg] = found->x;
    }
    if (is_seen) shown = is_null ? null : value[0] - a.number("h", 1) * value[1] - a.number("c", 0);
    out.push_back({shown});
  }
  return out;
}

inline std::vector<Reals> trade_quote_match(const Call& call, const Arguments& a, const Series& s) {
  const Nanos delay = a.has("delay") ? parse_duration(a.word("delay", "")).value_or(0) : 0;
  const Nanos tolerance = parse_duration(a.word("tolerance", "1s")).value_or(0);
  const bool is_strict = a.word("strict", "true") == "true";
  std::vector<Dated> venues[2];
  std::vector<Reals> out;
  Reals shown(4, null);
  for (std::size_t row = 0; row < s.rows(); ++row) {
    for (std::size_t venue = 0; venue < 2; ++venue) {
      const std::size_t bid = 1 + 2 * venue;
      if (s.inputs[bid].empty()) continue;
      const bool is_quote =
          seen_of(*call.kernel, s, bid, row) != unobserved || seen_of(*call.kernel, s, bid + 1, row) != unobserved;
      if (is_quote) venues[venue].push_back({s.clock[row], s.inputs[bid][row], s.inputs[bid + 1][row]});
    }
    const Seen trade = seen_of(*call.kernel, s, 0, row);
    if (trade != unobserved) shown.assign(4, null);
    if (trade == observed) {
      const Nanos at = s.clock[row] - delay;
      Nanos times[2] = {0, 0};
      for (const auto& venue : venues) {
        const Dated* quote = as_of(venue, is_strict ? at - 1 : at);
        if (quote == nullptr || at - quote->time > tolerance) continue;
        const bool is_better = !std::isnan(quote->x) && !(shown[0] >= quote->x);
        const bool is_cheaper = !std::isnan(quote->y) && !(shown[1] <= quote->y);
        if (is_better) times[0] = quote->time;
        if (is_better) shown[0] = quote->x;
        if (is_cheaper) times[1] = quote->time;
        if (is_cheaper) shown[1] = quote->y;
      }
      if (shown[0] <= shown[1]) shown[2] = (shown[0] + shown[1]) / 2;
      if (!std::isnan(shown[0] + shown[1])) shown[3] = static_cast<Real>(s.clock[row] - std::min(times[0], times[1]));
    }
    out.push_back(shown);
  }
  return out;
}

/// On matrices, as the filter is written.
inline std::vector<Reals> kalman_hedge_ratio(const Arguments& a, const std::vector<Row>& rows) {
  const Real p0 = a.number("p0", 1), q = a.number("q", 1e-6L), r = a.number("r", 1e-3L);
  Real theta[2] = {a.number("beta0", 1), a.number("alpha0", 0)}, p[2][2] = {{p0, 0}, {0, p0}};
  std::vector<Reals> out;
  for (const Row& row : rows) {
    const Real f[2] = {row.x[1], 1}, e = row.x[0] - f[0] * theta[0] - f[1] * theta[1];
    for (std::size_t i = 0; i < 2; ++i) p[i][i] += q;
    Real pf[2], variance = r;
    for (std::size_t i = 0; i < 2; ++i) pf[i] = p[i][0] * f[0] + p[i][1] * f[1];
    for (std::size_t i = 0; i < 2; ++i) variance += f[i] * pf[i];
    for (std::size_t i = 0; i < 2; ++i) {
      theta[i] += pf[i] / variance * e;
      for (std::size_t j = 0; j < 2; ++j) p[i][j] -= pf[i] * pf[j] / variance;
    }
    out.push_back({theta[0], theta[1], e, variance, e / sqrtl(variance)});
  }
  return out;
}

inline std::vector<Reals> basis_annualized(const Arguments& a, const Series& s) {
  std::vector<Reals> out;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    const Nanos expiry = Cell::time(s.inputs[2][row]);
    const Real future = s.inputs[0][row], spot = s.inputs[1][row], change = (future - spot) / spot;
    out.push_back({null});
    if (expiry == no_time || expiry <= s.clock[row] || !(future > 0 && spot > 0)) continue;
    const Real days = static_cast<Real>(expiry - s.clock[row]) / one_day;
    out.back()[0] = (a.word("method", "log") == "log" ? log1pl(change) : change) * 365 / days;
  }
  return out;
}

/// Nothing for kernels that other files define.
inline std::vector<Reals> over_legs(const Call& call, const Arguments& a, const Series& s) {
  const std::string_view name = call.kernel->doc.name;
  if (name.starts_with("hayashi_yoshida")) return hayashi_yoshida(call, a, s);
  if (name == "xcorr_leadlag") return xcorr_leadlag(call, a, s);
  if (name == "pairs_spread") return pairs_spread(call, a, s);
  if (name == "basis_annualized") return basis_annualized(a, s);
  if (name == "trade_quote_match") return trade_quote_match(call, a, s);
  return {};
}

}  // namespace millrace::testing::naive
