#pragma once

#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// Against the middle of the row before: the trade itself moves the quote. Every row is watched, since a quote row
/// brings no trade. Negative where a trade got a better price than the middle.
struct EffectiveSpread {
  static constexpr bool watches_every_row = true;
  static constexpr Doc doc{
      .name = "effective_spread",
      .title = "What a trade paid against the middle before it, both ways",
      .formula = "2 * sign * (price - mid);  in bps 1e4 * 2 * sign * (price - mid) / mid",
      .unit = "quote asset per base, or bps of the middle",
      .warmup = "a middle on the row before",
      .reference = "Lee (1993), J. Finance 48, 1009-1038; Holden, Jacobsen (2014), J. Finance 69, 1747-1785",
  };

  enum Unit : std::uint8_t { price, bps };
  static constexpr std::array<std::string_view, 2> units{"price", "bps"};
  struct Params {
    std::uint8_t unit = price;
  };
  static constexpr std::array params{choice<&Params::unit>("unit", units, "price difference, or bps of the middle")};

  struct State {
    double mid = no_value;  // of the previous row
    double output = no_value;
  };
  static constexpr std::array inputs{InputInfo{"price"}, InputInfo{.name = "mid", .is_nullable = true},
                                     InputInfo{"sign"}};
  static constexpr std::array outputs{OutputInfo{"effective_spread"}};

  static double update(const Params& p, State& s, double price, double mid, double sign, Seen seen) noexcept {
    if (seen != unobserved) {
      const double side = sign > 0.0 ? 1.0 : sign < 0.0 ? -1.0 : no_value;
      const double spread = 2.0 * side * (price - s.mid);
      s.output = seen != observed ? no_value : p.unit == bps ? 1e4 * spread / s.mid : spread;
    }
    s.mid = mid;
    return s.output;
  }
};

}  // namespace millrace
