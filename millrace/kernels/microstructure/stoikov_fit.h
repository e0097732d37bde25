#pragma once

#include <span>

#include "millrace/kernels/table.h"

namespace millrace {

/// Quotes of one instrument in event order. REQUIRES: equal lengths. A row with a null, a spread below one tick or no
/// size at either side is no state: no step is counted into it or out of it.
struct QuoteSeries {
  std::span<const double> bid, ask, bid_size, ask_size;
};

struct StoikovStates {
  std::int64_t imbalances = 10;  // bins of bid_size / (bid_size + ask_size), 1 to 100
  std::int64_t spreads = 4;      // spreads in ticks, 1 to 50; wider ones count as the widest
  double tick = 0.0;             // price step, above 0
};

inline constexpr std::int64_t most_stoikov_states = 500;  // imbalances * spreads: the equations are dense

/// Fits the table of `microprice(method=stoikov)` to the past: the expected move of the middle in the long run, by the
/// state now. With Q the steps that leave the middle where it is, T those that move it, by state and next state, and R
/// the expected move of one step, all as shares of the steps out of a state:
///
///   G1 = (I - Q)^-1 R,  B = (I - Q)^-1 T,  g = G1 + B G1 + B^2 G1 + …
///
/// Each step also counts in the mirror (n-1-i for i, the move turned round), so that g(n-1-i, s) = -g(i, s) and the sum
/// has a limit. States that were never left, or from which the middle never moves, have no cell.
/// Fails (config) on states out of range, and where the middle never moves or the sum does not settle in 10,000 terms.
/// Source: Stoikov (2018), The Micro-Price, Quantitative Finance 18, 1959-1966.
Table fit_stoikov(const QuoteSeries& quotes, const StoikovStates& states);

}  // namespace millrace
