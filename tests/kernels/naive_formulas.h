#pragma once

#include "tests/kernels/naive.h"

/// Definitions without memory: one row in, one row out.
namespace millrace::testing::naive {

inline Reals forward(const Arguments& a, const Reals& x) {
  const Real dom = x[1] * a.number(a.has("tau") ? "tau" : "tau_dom", 0);
  const Real foreign = x[2] * a.number(a.has("tau") ? "tau" : "tau_for", 0);
  const bool is_simple = a.word("rates", "simple") == "simple";
  const Real price = is_simple ? x[0] * (1 + dom) / (1 + foreign) : x[0] * expl(dom - foreign);
  return {price, (price - x[0]) / a.number("pip", 0.0001L)};
}
inline Real is_in_band(const Reals& x, Real ref, Real pct) {
  return x[0] > 0 && ref > 0 && fabsl(x[0] - ref) <= pct * ref * (1 + 4 * eps) ? 1 : 0;
}
inline Reals kelly(const Arguments& a, const Reals& x) {
  Real full = null;
  if (a.word("of", "returns") == "bet") {
    if (x[0] >= 0 && x[0] <= 1 && x[1] > 0) full = std::max<Real>(0, x[0] - (1 - x[0]) / x[1]);
  } else if (x[1] > 0) {
    full = (x[0] - a.number("r", 0)) / (x[1] * x[1]);
  }
  const Real cap = a.number("cap", 1), part = a.number("fraction", 0.5L) * full;
  return {std::isnan(full) ? null : part > cap ? cap : part < -cap ? -cap : part, full};
}

/// In whole steps of the price; neither quote meets the other side of the book.
inline Reals maker_quotes(const Arguments& a, const Reals& x) {
  const Real step = a.number("tick", 0), half = a.number("half_spread", 0), skew = a.number("skew", 0);
  const Real middle = x[0] - (skew == 0 ? 0 : skew * x[3]) + 0 * (x[1] + x[2]);
  if (std::isnan(middle)) return {null, null};
  const Real bid = floorl((middle - half) / step + 1e-9L), ask = ceill((middle + half) / step - 1e-9L);
  return {step * std::min(bid, roundl(x[2] / step) - 1), step * std::max(ask, roundl(x[1] / step) + 1)};
}
/// One number for all, or a list of them.
inline Reals list_of(const Arguments& a, const std::string& name, std::size_t count) {
  Reals list;
  const std::string text = a.word(name, "0");
  for (const std::string_view part : split(text, ',')) {
    list.push_back(static_cast<Real>(parse_number(part).value_or(no_value)));
  }
  if (list.size() == 1) list.assign(count, list[0]);
  return list;
}
inline Reals triangle(const Arguments& a, const Reals& x) {
  Real kept = 1;
  for (const Real fee : list_of(a, "fee_bps", 3)) kept *= 1 - fee / 10'000;
  Real start = x[0] * x[2] / x[5] * kept, back = x[4] / (x[1] * x[3]) * kept;
  if (!(x[0] > 0 && x[1] > 0 && x[2] > 0 && x[3] > 0 && x[4] > 0 && x[5] > 0)) start = back = null;
  if (std::isnan(start)) return {null, null, null, null};
  const Real forward = 10'000 * (start - 1), reverse = 10'000 * (back - 1);
  const Real route = std::max(forward, reverse) <= 0 ? 0 : forward >= reverse ? 1 : -1;
  // The most of A with which each trade on the way stays within its size.
  const Real by_forward = std::min({x[6], x[8] / x[0], x[11] * x[5] / (x[0] * x[2])});
  const Real by_reverse = std::min({x[10], x[9] * x[3] / x[4], x[7] * x[1] * x[3] / x[4]});
  Real sizes = 0;
  for (std::size_t i = 6; i < 12; ++i) sizes += x[i];
  const Real size = route > 0 ? by_forward : route < 0 ? by_reverse : 0;
  return {forward, reverse, route, std::isnan(sizes) ? null : size};
}
inline Reals cross_price(const Arguments& a, const Reals& x) {
  const bool is_a = a.word("invert_a", "false") == "true", is_b = a.word("invert_b", "false") == "true";
  if (!(x[0] > 0 && x[1] > 0 && x[2] > 0 && x[3] > 0)) return {null, null};
  const Real bid_a = is_a ? 1 / x[1] : x[0], ask_a = is_a ? 1 / x[0] : x[1];
  const Real bid_b = is_b ? 1 / x[3] : x[2], ask_b = is_b ? 1 / x[2] : x[3];
  return {bid_a * bid_b, ask_a * ask_b};
}
inline Reals carry_edge(const Arguments& a, const Reals& x) {
  const auto seconds = [&](const char* name, const char* otherwise) {
    return static_cast<Real>(parse_duration(a.word(name, otherwise)).value_or(1)) / one_second;
  };
  const Real hold = seconds("hold", "30d"), capture = a.number("basis_capture", 1);
  Real edge = capture * 10'000 * (x[0] - x[1]) / x[1] + 10'000 * x[2] * hold / seconds("interval", "8h");
  for (const Real fee : list_of(a, "fee_bps", 4)) edge -= fee;
  for (const Real cost : list_of(a, "other_bps", 1)) edge -= cost;
  if (!(x[1] > 0)) edge = null;
  return {edge, edge * 365 * 86'400 / hold};
}

/// Guards answer 1 or 0 and nothing else.
inline Reals guard(std::string_view name, const Arguments& a, const Reals& x) {
  if (name == "price_band_guard") return {is_in_band(x, x[1], a.number("pct", 0.05L))};
  const Real size = fabsl(x[1]);
  const bool is_within = size * x[0] <= a.number("notional_max", 1'000'000) &&
                         (std::isnan(x[3]) || size <= a.number("adv_max", 0.01L) * x[3]);
  return {is_within ? is_in_band(x, x[2], a.number("pct", 0.1L)) : 0};
}

/// The outputs for inputs `x`, or nothing where another file defines the kernel.
inline Reals money_formula(std::string_view name, const Arguments& a, const Reals& x) {
  if (name == "signed_volume") return {x[0] == 0 ? null : x[0] * x[1]};
  if (name == "book_state") {
    if (std::isnan(x[0] + x[1])) return {3};
    return {x[0] == x[1] ? 1.0L : x[0] > x[1] ? 2.0L : 0.0L};
  }
  if (name == "arrival_price_impact") return {10'000 * x[2] * (x[0] - x[1]) / x[1]};
  if (name == "funding_apr") return {x[0] * 1095, expm1l(1095 * log1pl(x[0]))};
  if (name == "post_only_shading") return maker_quotes(a, x);
  if (name == "triangular_arbitrage") return triangle(a, x);
  if (name == "fx_cross_price") return cross_price(a, x);
  if (name == "cash_and_carry_edge") return carry_edge(a, x);
  if (name == "pip_value") return {x[0] * a.number("pip", 0) * x[1]};
  if (name == "forward_points") return forward(a, x);
  if (name == "cip_basis") return {x[2] - x[3] + log1pl((x[1] - x[0]) / x[0]) / a.number("T", 0)};
  if (name == "carry_signal") {
    const Real carry = x[1] - x[0] + 0 * x[2];
    return {carry, x[2] > 0 ? carry / x[2] : null};
  }
  if (name.ends_with("_guard")) return guard(name, a, x);
  if (name == "kelly_fraction") return kelly(a, x);
  return {};
}

}  // namespace millrace::testing::naive
