#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/interval.h"

namespace millrace {

/// A holder until the next payment gets or pays the rate; earlier in the interval it has not been earned yet.
struct PerpFairPrice {
  static constexpr Doc doc{
      .name = "perp_fair_price",
      .title = "Fair price of a perpetual",
      .formula = "index * (1 + funding_rate * u / interval),  u = time to the next payment;  null unless u is in it",
      .unit = "unit of the index",
      .warmup = "none",
      .reference = "Ackerer, Hugonnier, Jermann (2024), Perpetual Futures Pricing, NBER 32936",
  };

  struct Params {
    Nanos interval = 0;
  };
  static constexpr std::array params{
      duration<&Params::interval>("interval", one_second, 365 * one_day, "between two payments, or a column, s")};

  static constexpr std::array inputs{InputInfo{"index"}, InputInfo{"funding_rate"},
                                     InputInfo{.name = "next_funding_ns", .is_time = true},
                                     InputInfo{.name = "interval", .is_optional = true, .is_keyword = true}};
  static constexpr std::array outputs{OutputInfo{"perp_fair"}};

  struct State {};
  static double update(const Params& p, State&, double index, double rate, Nanos stamp, double seconds,
                       Now now) noexcept {
    if (stamp == no_time) return no_value;
    const double interval = interval_seconds(p.interval, seconds) * 1e9;
    const auto left = static_cast<double>(stamp - now.clock);
    return left >= 0.0 && left <= interval ? index * (1.0 + rate * left / interval) : no_value;
  }
};

}  // namespace millrace
