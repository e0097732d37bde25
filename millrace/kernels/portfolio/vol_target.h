#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// Trades only when the leverage has moved by more than the dead band.
struct VolTarget {
  static constexpr Doc doc{
      .name = "vol_target",
      .title = "Leverage for a volatility",
      .formula = "min(max, target / sigma), held until |new / held - 1| > deadband",
      .unit = "1",
      .warmup = "first observation",
      .reference = "Moreira, Muir (2017), J. Finance 72, 1611-1644",
  };

  struct Params {
    double target = no_value, largest = 2.0, deadband = 0.1;
  };
  static constexpr std::array params{
      number<&Params::target>("target", 1e-12, 1e12, "volatility to have, unit of sigma"),
      number<&Params::largest>("max", 1e-9, 1e6, "largest leverage"),
      number<&Params::deadband>("deadband", 0.0, 10.0, "change below which the held leverage stays")};

  struct State {
    double held = no_value;
  };
  static constexpr std::array inputs{InputInfo{"sigma"}};
  static constexpr std::array outputs{OutputInfo{"leverage"}};

  static double update(const Params& p, State& s, double sigma) noexcept {
    if (!(sigma > 0.0)) return no_value;
    const double fresh = std::min(p.largest, p.target / sigma);
    if (std::isnan(s.held) || std::abs(fresh / s.held - 1.0) > p.deadband) s.held = fresh;
    return s.held;
  }
};

}  // namespace millrace
