#pragma once

#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// A pair by way of a third asset, at prices that can be traded. Turning a pair round swaps its sides.
struct FxCrossPrice {
  static constexpr Doc doc{
      .name = "fx_cross_price",
      .title = "Bid and ask of a cross",
      .formula = "bid = bid_a * bid_b;  ask = ask_a * ask_b;  an inverted pair has bid' = 1 / ask, ask' = 1 / bid",
      .unit = "quote currency of b per base currency of a",
      .warmup = "none",
      .reference = "market convention",
  };

  struct Params {
    bool invert_a = false, invert_b = false;
  };
  static constexpr std::array params{flag<&Params::invert_a>("invert_a", "turn the first pair round"),
                                     flag<&Params::invert_b>("invert_b", "turn the second pair round")};

  static constexpr std::array inputs{InputInfo{"bid_a"}, InputInfo{"ask_a"}, InputInfo{"bid_b"}, InputInfo{"ask_b"}};
  static constexpr std::array outputs{OutputInfo{"cross_bid"}, OutputInfo{"cross_ask"}};

  static std::array<double, 2> update(const Params& p, double bid_a, double ask_a, double bid_b,
                                      double ask_b) noexcept {
    const bool are_prices = bid_a > 0.0 && ask_a > 0.0 && bid_b > 0.0 && ask_b > 0.0;
    if (!are_prices) return {no_value, no_value};
    return {product(p, bid_a, ask_a, bid_b, ask_b), product(p, ask_a, bid_a, ask_b, bid_b)};
  }

 private:
  /// Of one side of each pair, where an inverted one shows the other side; one rounding less for 1 / a * b.
  static double product(const Params& p, double a, double other_a, double b, double other_b) noexcept {
    if (p.invert_a && p.invert_b) return 1.0 / (other_a * other_b);
    if (p.invert_a) return b / other_a;
    return p.invert_b ? a / other_b : a * b;
  }
};

}  // namespace millrace
