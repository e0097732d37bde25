#pragma once

#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

struct L1Imbalance {
  static constexpr Doc doc{
      .name = "l1_imbalance",
      .title = "Size at the best bid against size at the best ask",
      .formula = "(bid_size - ask_size) / (bid_size + ask_size)",
      .unit = "1, from -1 (all at the ask) to +1 (all at the bid)",
      .warmup = "none",
      .reference = "Gould, Bonart (2016), Market Microstructure and Liquidity 2, 1650006",
  };

  struct Params {};
  static constexpr std::array inputs{InputInfo{"bid_size"}, InputInfo{"ask_size"}};
  static constexpr std::array outputs{OutputInfo{"l1_imbalance"}};

  static double update(const Params&, double bid_size, double ask_size) noexcept {
    return (bid_size - ask_size) / (bid_size + ask_size);
  }
};

}  // namespace millrace
