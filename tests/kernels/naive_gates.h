#pragma once

#include "tests/kernels/naive_clock.h"
#include "tests/kernels/naive_rows.h"

/// Definitions of gates that keep a state between orders, and of what a position earned.
namespace millrace::testing::naive {

/// The mean over time of the price that stood, from the start of the window to `row`; the price of `row` not counted.
inline Real price_before(const Call& call, const Series& s, std::size_t row, Nanos width, Nanos buckets) {
  const Nanos now = s.clock[row], bucket = now / width;
  if (bucket - s.clock[0] / width < buckets) return null;
  Real area = 0, price = null;
  Nanos since = 0, first = 0;
  for (std::size_t i = 0; i <= row; ++i) {
    if (!is_valid(call, s, i)) continue;
    const Nanos from = std::max(since, (bucket - buckets + 1) * width);
    if (std::isnan(price)) first = s.clock[i];
    if (!std::isnan(price) && s.clock[i] > from) area += price * static_cast<Real>(s.clock[i] - from);
    price = s.inputs[0][i];
    since = s.clock[i];
  }
  const Nanos begin = std::max(first, (bucket - buckets + 1) * width);
  return now > begin ? area / static_cast<Real>(now - begin) : null;
}

inline std::vector<Reals> circuit_breaker(const Call& call, const Arguments& a, const Series& s) {
  const bool has_ref = call.expression.operands.size() == 2;
  const Nanos span = parse_duration(a.word("ref_window", "5m")).value_or(1), buckets = a.has("ref_window") ? 50 : 60;
  const Nanos rest = parse_duration(a.word("cooldown", "300s")).value_or(1);
  std::vector<Nanos> halts;  // their ends
  std::vector<Reals> out;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    const bool is_seen = s.seen[row] == observed;
    out.push_back({is_seen || row == 0 ? null : out.back()[0]});
    if (!is_valid(call, s, row)) continue;
    const bool is_halted = !halts.empty() && s.clock[row] < halts.back();
    const Real ref = has_ref ? s.inputs[1][row] : price_before(call, s, row, span / buckets, buckets);
    if (!is_halted && std::isnan(ref)) continue;
    const bool is_off = fabsl(s.inputs[0][row] - ref) > a.number("pct", 0.05L) * ref * (1 + 4 * eps);
    if (!is_halted && is_off) halts.push_back(s.clock[row] + rest);
    out.back()[0] = is_halted || is_off ? 1 : 0;
  }
  return out;
}

/// What is left is the burst less what passed, or what came in since some earlier request found the bucket full,
/// whichever is least.
inline std::vector<Reals> throttle_check(const Arguments& a, const std::vector<Row>& rows) {
  const Real rate = a.number("rate", 100), burst = a.number("burst", std::max<Real>(1, rate));
  std::vector<Reals> out;
  for (std::size_t t = 0; t < rows.size(); ++t) {
    Real left = burst, passed = 0;
    for (std::size_t k = t; k-- > 0;) {
      passed += out[k][0];
      left = std::min(left, burst - passed + rate * static_cast<Real>(rows[t].clock - rows[k].clock) / 1'000'000'000);
    }
    out.push_back({left >= 1 - 1e-12L ? 1.0L : 0.0L});
  }
  return out;
}

inline std::vector<Reals> pnl_fx(const std::vector<Row>& rows) {
  std::vector<Reals> out;
  for (std::size_t t = 0; t < rows.size(); ++t) {
    out.push_back({null, null, null, null});
    if (t == 0) continue;
    const Reals &now = rows[t].x, &was = rows[t - 1].x;
    const Real move = now[1] - was[1], fx_move = now[2] - was[2];
    out.back() = {was[0] * move * was[2], was[0] * was[1] * fx_move, was[0] * move * fx_move,
                  was[0] * (move * now[2] + was[1] * fx_move)};
  }
  return out;
}

}  // namespace millrace::testing::naive
