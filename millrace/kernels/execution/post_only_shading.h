#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// Works in whole ticks: a price is a multiple of the tick, and neither quote may cross or lock the book.
struct PostOnlyShading {
  static constexpr Doc doc{
      .name = "post_only_shading",
      .title = "Maker's quotes about a fair price that never take",
      .formula =
          "bid = min(floor_tick(fair - h - skew * inv), ask - tick);  ask = max(ceil_tick(fair + h - skew * inv), "
          "bid of the book + tick);  floor(x / tick + 1e-9), ceil(x / tick - 1e-9), round(book / tick)",
      .unit = "unit of the price",
      .warmup = "none; without bid or ask null",
      .reference = "Avellaneda, Stoikov (2008), Quantitative Finance 8, 217-224",
  };

  struct Params {
    double half_spread = no_value, tick = no_value, skew = 0.0;
  };
  static constexpr std::array params{
      number<&Params::half_spread>("half_spread", 0.0, 1e12, "half width of the quotes, h"),
      number<&Params::tick>("tick", 1e-12, 1e12, "step of prices"),
      number<&Params::skew>("skew", -1e12, 1e12, "price per unit of inventory; without an inventory it must be 0")};

  static constexpr std::array inputs{InputInfo{"fair"}, InputInfo{"bid"}, InputInfo{"ask"},
                                     InputInfo{.name = "inventory", .is_optional = true, .is_nullable = true}};
  static constexpr std::array outputs{OutputInfo{"maker_bid"}, OutputInfo{"maker_ask"}};

  static std::array<double, 2> update(const Params& p, double fair, double bid, double ask, double inventory) noexcept {
    const double middle = p.skew == 0.0 ? fair : fair - p.skew * inventory;
    if (std::isnan(middle) || std::isnan(bid) || std::isnan(ask)) return {no_value, no_value};
    const double below = std::floor((middle - p.half_spread) / p.tick + 1e-9);
    const double above = std::ceil((middle + p.half_spread) / p.tick - 1e-9);
    return {std::min(below, std::round(ask / p.tick) - 1.0) * p.tick,
            std::max(above, std::round(bid / p.tick) + 1.0) * p.tick};
  }
};

}  // namespace millrace
