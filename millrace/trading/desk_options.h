#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "millrace/trading/guards.h"

namespace millrace {

/// Sizes and limits of a desk.
struct DeskOptions {
  GuardLimits limits;
  GuardScope scope;
  double edge_multiple = 1.5;  // an entry's expected gain over its round trip's cost, at least
  bool has_edge_test = true;
  double assumed_half_spread_bps = 0.0;  // of a market without quotes
  Nanos equity_step = 60 * one_second;
  Nanos most_gap = 600 * one_second;                // after a longer silence of an instrument,
  bool closes_at_gap = false;                       // whether its position is closed on the first row
  std::array<std::size_t, guard_columns> guards{};  // columns of the plan
};

/// Why an order is sent, for the log.
struct Decision {
  std::string_view why;                 // lives as long as the strategy
  double expected_gain_bps = no_value;  // of an entry; without it there is no edge test
  bool is_entry = false;
  bool is_hedge = false;  // takes risk off the strategy's other leg: judged as an order that reduces
};

}  // namespace millrace
