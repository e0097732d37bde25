#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// Tells what is wrong with a bar; a volume that is left out or null is not wrong.
struct BarConsistency {
  static constexpr Doc doc{
      .name = "bar_consistency",
      .title = "Faults of a bar",
      .formula = "1 where not low <= min(open, close) <= max(open, close) <= high;  plus 2 where volume < 0",
      .unit = "1: sum of 1 and 2",
      .warmup = "none",
      .reference = "ISO 8000-8 (2015), Data quality: concepts and measuring",
  };

  struct Params {};

  static constexpr std::array inputs{InputInfo{"open"}, InputInfo{"high"}, InputInfo{"low"}, InputInfo{"close"},
                                     InputInfo{.name = "volume", .is_optional = true, .is_nullable = true}};
  static constexpr std::array outputs{OutputInfo{.name = "flags", .is_flag = true}};

  static double update(const Params&, double open, double high, double low, double close, double volume) noexcept {
    if (!(has_value(open) && has_value(high) && has_value(low) && has_value(close))) return no_value;
    const bool is_ordered = low <= std::min(open, close) && std::max(open, close) <= high;
    return (is_ordered ? 0.0 : 1.0) + (volume < 0.0 ? 2.0 : 0.0);
  }
};

}  // namespace millrace
