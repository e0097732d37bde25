#pragma once

#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// A cost is positive on both sides.
struct ArrivalPriceImpact {
  static constexpr Doc doc{
      .name = "arrival_price_impact",
      .title = "Price against the middle at arrival",
      .formula = "1e4 * side * (price - mid) / mid",
      .unit = "bps of the middle at arrival",
      .warmup = "none",
      .reference = "Kissell, Glantz (2003), Optimal Trading Strategies, ch. 4",
  };

  struct Params {};

  static constexpr std::array inputs{InputInfo{"price"}, InputInfo{"arrival_mid"}, InputInfo{"side"}};
  static constexpr std::array outputs{OutputInfo{"arrival_impact_bps"}};

  static double update(const Params&, double price, double mid, double side) noexcept {
    const double sign = side > 0.0 ? 1.0 : side < 0.0 ? -1.0 : no_value;
    return 1e4 * sign * (price - mid) / mid;
  }
};

}  // namespace millrace
