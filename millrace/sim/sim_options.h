#pragma once

#include <cstddef>
#include <cstdint>

#include "millrace/sim/latency.h"

namespace millrace {

/// How far a resting order has come in its queue.
enum class QueueModel : std::uint8_t {
  conservative,   // only trades shorten it: who cancels was behind us
  probabilistic,  // who cancels stood before or behind us with a probability by the place (`QueuePlace`)
  by_level,       // by the orders of each level: needs depth, which rows do not hold
};

/// What the simulated venues cannot know from the rows, and so assume.
struct SimOptions {
  LatencyModel order_latency, ack_latency;
  std::uint64_t seed = 1;
  QueueModel queue = QueueModel::conservative;
  double queue_power = 3.0;              // of the probabilistic model
  double impact_y = 1.0;                 // Y of the square-root law beyond what is displayed
  double assumed_impact_bps = 5.0;       // beyond what is displayed while volatility or volume are not known yet
  double assumed_half_spread_bps = 5.0;  // of takers where there is no quote
  double liquidation_fee_bps = 50.0;     // of the notional, instead of the taker's fee
  std::size_t most_open_orders = 200;    // of one instrument; one more is refused

  static constexpr std::size_t most_in_flight = 100'000;        // messages; one more is refused
  static constexpr std::size_t most_unread_events = 1'000'000;  // one more ends the run: nobody polls
};

/// What a run's report says about its fills.
struct SimStats {
  std::uint64_t orders = 0, rejected = 0;
  std::uint64_t taker_fills = 0, maker_fills = 0;
  std::uint64_t unquoted_fills = 0;        // taker fills at a trade's price and the assumed spread
  std::uint64_t assumed_impact_fills = 0;  // beyond the display, at the assumed impact
  std::uint64_t unsized_fills = 0;         // maker fills on a trade or quote through the limit, of unknown size
  std::uint64_t liquidations = 0;
};

}  // namespace millrace
