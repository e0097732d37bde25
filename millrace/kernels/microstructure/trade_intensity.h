#pragma once

#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// Trades per second, by a kernel that halves with time; a count over rows would tell how busy the quotes are. Every
/// row is watched, since silence lowers it. A ticker is no trade: it may come without one.
struct TradeIntensity {
  static constexpr Doc doc{
      .name = "trade_intensity",
      .title = "Trades per second, exponentially weighted",
      .formula = "v = v * 2^(-dt / half_life), plus ln 2 / half_life at each trade",
      .unit = "1 per second",
      .warmup = "warmup_half_lives since the first row",
      .reference = "Hawkes (1971), Biometrika 58, 83-90",
  };

  static constexpr double ln2 = 0.6931471805599453;
  struct Params {
    Nanos half_life = 30 * one_second;
    double warmup = 3.0;
  };
  static constexpr std::array params{
      duration<&Params::half_life>("half_life", 1, 400 * one_day, "time in which a trade's weight halves"),
      number<&Params::warmup>("warmup_half_lives", 0.0, 1000.0, "half-lives before the first value")};

  static constexpr KindSet observes = only(Kind::trade);
  static constexpr std::array inputs{InputInfo{.name = "ts_event", .is_time = true}};
  static constexpr std::array outputs{OutputInfo{"trade_intensity"}};

  static constexpr bool watches_every_row = true;
  struct State {
    double rate = no_value;  // at the newest trade
    Nanos stamp = 0;         // its time
  };
  static double update(const Params& p, State& s, Nanos, Now now, Seen seen) noexcept {
    const auto half_life = static_cast<double>(p.half_life);
    double rate = s.rate * std::exp2(-static_cast<double>(now.clock - s.stamp) / half_life);
    if (seen == observed) {
      rate = (std::isnan(rate) ? 0.0 : rate) + ln2 * 1e9 / half_life;
      s.rate = rate;
      s.stamp = now.clock;
    }
    const bool is_warm = static_cast<double>(now.clock - now.first) >= p.warmup * half_life;
    return is_warm && seen != observed_null ? rate : no_value;
  }
};

}  // namespace millrace
