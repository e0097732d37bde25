#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// Tells what is wrong with a bar; a volume or start that is left out or null is not wrong.
struct BarConsistency {
  static constexpr Doc doc{
      .name = "bar_consistency",
      .title = "Faults of a bar",
      .formula =
          "1 where not low <= min(open, close) <= max(open, close) <= high;  plus 2 where volume < 0;  plus 4 "
          "where start > latest + interval;  plus 8 where start <= latest;  latest = greatest start so far",
      .unit = "1: sum of 1, 2, 4 and 8",
      .warmup = "none; 4 and 8: second start",
      .reference = "ISO 8000-8 (2015), Data quality: concepts and measuring",
  };
  static constexpr std::uint16_t version = 2;

  struct Params {
    Nanos interval = 0;
  };
  static constexpr std::array params{
      optional_duration<&Params::interval>("interval", 1, 400 * one_day, "from one start to the next")};

  static constexpr std::array inputs{
      InputInfo{"open"},
      InputInfo{"high"},
      InputInfo{"low"},
      InputInfo{"close"},
      InputInfo{.name = "volume", .is_optional = true, .is_nullable = true},
      InputInfo{.name = "start", .is_optional = true, .is_nullable = true, .is_time = true}};
  static constexpr std::array outputs{OutputInfo{.name = "flags", .is_flag = true}};

  enum Fault : std::uint8_t { disordered = 1, negative = 2, gap = 4, repeated = 8 };
  struct State {
    Nanos latest = no_time;
  };
  static double update(const Params& p, State& s, double open, double high, double low, double close, double volume,
                       Nanos start) noexcept {
    const bool is_ordered = low <= std::min(open, close) && std::max(open, close) <= high;
    int faults = (is_ordered ? 0 : disordered) + (volume < 0.0 ? negative : 0);
    if (start == no_time) return faults;
    if (s.latest != no_time) {
      if (p.interval > 0 && start - s.latest > p.interval) faults += gap;
      if (start <= s.latest) faults += repeated;
    }
    s.latest = std::max(s.latest, start);
    return faults;
  }
};

}  // namespace millrace
