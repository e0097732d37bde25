#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "millrace/engine/backtest.h"

namespace millrace {

/// A decision that depended on what came after it.
struct LookaheadFault {
  std::string alteration;       // "rows after … left out", "rows after … shuffled"
  Nanos cut = no_time;          // first time that was altered
  std::string expected, found;  // the first decision that differs: with the whole input, with the altered one
};

struct LookaheadResult {
  std::uint64_t rows = 0, decisions = 0;  // compared at most `RunResult::most_records` of each kind
  std::size_t runs = 0;
  std::vector<LookaheadFault> faults;  // at most one for each run
};

/// Plays the strategy on the whole input, then on inputs whose future is left out or shuffled behind `cuts` places at
/// equal distances, and compares all signals, orders and fills before each.
LookaheadResult check_lookahead(const BacktestOptions& options, const OpenSource& open, std::size_t cuts);

}  // namespace millrace
