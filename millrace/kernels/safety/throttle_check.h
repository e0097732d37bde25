#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// A token bucket: a rejected request takes nothing, so a sender that hammers is let through at the rate and no less.
/// Credit is counted in billionths of a request; whole rates make it whole, and below 2^53 no digit is lost.
struct ThrottleCheck {
  static constexpr Doc doc{
      .name = "throttle_check",
      .title = "Request within a rate",
      .formula = "credit = min(burst, credit + dt * rate);  1 and credit - 1 where credit >= 1, else 0",
      .unit = "1: 0 or 1",
      .warmup = "none; starts with the full burst",
      .reference = "Turner (1986), IEEE Communications Magazine 24(10), 8-15",
  };

  static constexpr double most = 9e6;  // times 1e9 is below 2^53
  struct Params {
    double rate = 100.0, burst = no_value;
  };
  static constexpr std::array params{
      number<&Params::rate>("rate", 1e-9, most, "requests per second"),
      auto_number<&Params::burst>("burst", 1.0, most, "requests at once; auto: one second's, at least 1")};

  /// Each row on which it is observed is a request: `on=trade` makes it each trade.
  static constexpr std::array inputs{InputInfo{.name = "ts_event", .is_time = true}};
  static constexpr std::array outputs{OutputInfo{.name = "throttle_pass", .is_flag = true}};

  struct State {
    double spent = 0.0;     // billionths missing from the burst
    Nanos clock = no_time;  // of the request before
  };
  static double update(const Params& p, State& s, Nanos, Now now) noexcept {
    constexpr double one = 1e9;
    const double full = one * (std::isnan(p.burst) ? std::max(1.0, p.rate) : p.burst);
    const double earned = s.clock == no_time ? 0.0 : static_cast<double>(now.clock - s.clock) * p.rate;
    const double credit = std::min(full, full - s.spent + earned);
    const bool passes = credit >= one;
    s.spent = full - (passes ? credit - one : credit);
    s.clock = now.clock;
    return passes ? 1.0 : 0.0;
  }
};

}  // namespace millrace
