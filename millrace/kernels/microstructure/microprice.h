#pragma once

#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// The bid is weighted by the size at the ask: the price leans towards the side that is about to be eaten up.
struct Microprice {
  static constexpr Doc doc{
      .name = "microprice",
      .title = "Middle of the quote, weighted by the sizes opposite",
      .formula = "(bid * ask_size + ask * bid_size) / (bid_size + ask_size)",
      .unit = "quote asset per base",
      .warmup = "none",
      .reference = "Gatheral, Oomen (2010), Finance and Stochastics 14, 249-283",
  };

  enum Method : std::uint8_t { weighted };
  static constexpr std::array<std::string_view, 1> methods{"weighted"};
  struct Params {
    std::uint8_t method = weighted;
  };
  static constexpr std::array params{choice<&Params::method>("method", methods, "weighted: by the sizes opposite")};

  static constexpr std::array inputs{InputInfo{"bid"}, InputInfo{"ask"}, InputInfo{"bid_size"}, InputInfo{"ask_size"}};
  static constexpr std::array outputs{OutputInfo{"microprice"}};

  static double update(const Params&, double bid, double ask, double bid_size, double ask_size) noexcept {
    return (bid * ask_size + ask * bid_size) / (bid_size + ask_size);
  }
};

}  // namespace millrace
