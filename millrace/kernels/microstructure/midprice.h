#pragma once

#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

struct Midprice {
  static constexpr Doc doc{
      .name = "midprice",
      .title = "Middle between best bid and best ask",
      .formula = "(bid + ask) / 2;  null on a one-sided or crossed book",
      .unit = "quote asset per base",
      .warmup = "none",
      .reference = "Hasbrouck (2007), Empirical Market Microstructure, ch. 2",
  };

  struct Params {};
  static constexpr std::array inputs{InputInfo{"bid"}, InputInfo{"ask"}};
  static constexpr std::array outputs{OutputInfo{"midprice"}};

  static double update(const Params&, double bid, double ask) noexcept {
    return bid > 0.0 && bid <= ask ? 0.5 * (bid + ask) : no_value;
  }
};

}  // namespace millrace
