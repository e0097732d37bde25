#pragma once

#include <array>
#include <cmath>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/compensated.h"

namespace millrace {

/// Funding is due at a stamp and at no other time, on the position held just before it: the row that is already past
/// the stamp may hold another position and the next rate. Every row is watched, since time passes on each.
struct FundingCost {
  static constexpr Doc doc{
      .name = "funding_cost",
      .title = "Funding paid so far",
      .formula = "sum of position * mark * funding_rate of the row before each funding stamp; a null there: no charge",
      .unit = "quote; positive = paid",
      .warmup = "first row with all inputs",
      .reference = "Ackerer, Hugonnier, Jermann (2024), Perpetual Futures Pricing, NBER 32936",
  };

  struct Params {};

  static constexpr std::array inputs{InputInfo{.name = "position", .is_nullable = true},
                                     InputInfo{.name = "mark", .is_nullable = true},
                                     InputInfo{.name = "funding_rate", .is_nullable = true},
                                     InputInfo{.name = "next_funding_ns", .is_nullable = true, .is_time = true}};
  static constexpr std::array outputs{OutputInfo{"funding_cost"}};

  static constexpr bool watches_every_row = true;
  struct State {
    CompensatedSum paid;
    double charge = no_value;                // of the stamp to come, as of the row before
    Nanos stamp = no_time, clock = no_time;  // of the row before
    std::int64_t has_begun = 0;
  };
  static double update(const Params&, State& s, double position, double mark, double rate, Nanos stamp,
                       Now now) noexcept {
    const bool is_due = s.stamp != no_time && s.clock < s.stamp && s.stamp <= now.clock;
    if (is_due && has_value(s.charge)) s.paid.add(s.charge);
    s.charge = position * mark * rate;
    s.stamp = stamp;
    s.clock = now.clock;
    if (has_value(s.charge) && stamp != no_time) s.has_begun = 1;
    return s.has_begun != 0 ? s.paid.value() : no_value;
  }
};

}  // namespace millrace
