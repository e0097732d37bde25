#pragma once

#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// Long the foreign currency; per unit of risk, so that pairs compare.
struct CarrySignal {
  static constexpr Doc doc{
      .name = "carry_signal",
      .title = "Interest earned by holding the foreign currency",
      .formula = "carry = r_for - r_dom;  signal = carry / vol",
      .unit = "1 per year; signal in units of vol",
      .warmup = "none",
      .reference =
          "Burnside, Eichenbaum, Kleshchelski, Rebelo (2011), RFS 24, 853-891; Koijen et al. (2018), JFE 127, 197-225",
  };

  struct Params {};

  static constexpr std::array inputs{InputInfo{"r_dom"}, InputInfo{"r_for"}, InputInfo{"vol"}};
  static constexpr std::array outputs{OutputInfo{"carry"}, OutputInfo{"carry_signal"}};

  static std::array<double, 2> update(const Params&, double r_dom, double r_for, double vol) noexcept {
    if (!has_value(vol)) return {no_value, no_value};
    const double carry = r_for - r_dom;
    return {carry, vol > 0.0 ? carry / vol : no_value};
  }
};

}  // namespace millrace
