#pragma once

#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// Negative on a crossed quote: that is what the quote says.
struct QuotedSpread {
  static constexpr Doc doc{
      .name = "quoted_spread",
      .title = "Distance between best bid and best ask",
      .formula = "ask - bid;  in bps 1e4 * (ask - bid) / ((bid + ask) / 2)",
      .unit = "quote asset per base, or bps of the middle",
      .warmup = "none",
      .reference = "Demsetz (1968), Quarterly J. of Economics 82, 33-53",
  };

  enum Unit : std::uint8_t { price, bps };
  static constexpr std::array<std::string_view, 2> units{"price", "bps"};
  struct Params {
    std::uint8_t unit = price;
  };
  static constexpr std::array params{choice<&Params::unit>("unit", units, "price difference, or bps of the middle")};

  static constexpr std::array inputs{InputInfo{"bid"}, InputInfo{"ask"}};
  static constexpr std::array outputs{OutputInfo{"quoted_spread"}};

  static double update(const Params& p, double bid, double ask) noexcept {
    const double spread = ask - bid;
    return p.unit == price ? spread : 1e4 * spread / (0.5 * (bid + ask));
  }
};

}  // namespace millrace
