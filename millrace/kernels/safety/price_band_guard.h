#pragma once

#include <array>
#include <limits>

#include "millrace/kernels/family.h"

namespace millrace {

/// Fails closed: without a price or a reference nothing passes.
struct PriceBandGuard {
  static constexpr Doc doc{
      .name = "price_band_guard",
      .title = "Price within a band about a reference",
      .formula = "1 where |order_price - ref| <= pct * ref, both > 0;  else 0",
      .unit = "1: 0 or 1",
      .warmup = "none",
      .reference =
          "SEC Rule 15c3-5 (2010), Market Access; FIA (2024), Best Practices for Automated Trading Risk Controls",
  };

  struct Params {
    double pct = 0.05;
  };
  static constexpr std::array params{number<&Params::pct>("pct", 0.0, 10.0, "half width of the band, share of ref")};

  static constexpr std::array inputs{InputInfo{.name = "order_price", .is_nullable = true},
                                     InputInfo{.name = "ref", .is_nullable = true}};
  static constexpr std::array outputs{OutputInfo{.name = "price_check", .is_flag = true}};

  /// The edge itself passes, also where pct * ref is rounded down.
  static bool passes(double price, double ref, double pct) noexcept {
    constexpr double edge = 1.0 + 4.0 * std::numeric_limits<double>::epsilon();
    return price > 0.0 && ref > 0.0 && std::abs(price - ref) <= pct * ref * edge;
  }
  static double update(const Params& p, double price, double ref) noexcept {
    return passes(price, ref, p.pct) ? 1.0 : 0.0;
  }
};

}  // namespace millrace
