#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/safety/price_band_guard.h"

namespace millrace {

/// By the absolute size: a signed one lets every sell through. Fails closed, except that a market without a known daily
/// volume has no limit by it.
struct FatFingerGuard {
  static constexpr Doc doc{
      .name = "fat_finger_guard",
      .title = "Price, notional and size of an order within limits",
      .formula =
          "1 where |order_price - ref| <= pct * ref, |size| * price <= notional_max and |size| <= adv_max * adv;  else "
          "0",
      .unit = "1: 0 or 1",
      .warmup = "none",
      .reference = "SEC Rule 15c3-5 (2010), Market Access",
  };

  struct Params {
    double pct = 0.10, notional_max = 1e6, adv_max = 0.01;
  };
  static constexpr std::array params{
      number<&Params::pct>("pct", 0.0, 10.0, "half width of the price band, share of ref"),
      number<&Params::notional_max>("notional_max", 0.0, 1e18, "largest |size| * price, quote asset"),
      number<&Params::adv_max>("adv_max", 0.0, 1e6, "largest |size|, share of the daily volume")};

  static constexpr std::array inputs{InputInfo{.name = "order_price", .is_nullable = true},
                                     InputInfo{.name = "order_size", .is_nullable = true},
                                     InputInfo{.name = "ref", .is_nullable = true},
                                     InputInfo{.name = "adv", .is_optional = true, .is_nullable = true}};
  static constexpr std::array outputs{OutputInfo{.name = "fat_finger_check", .is_flag = true}};

  static double update(const Params& p, double price, double size, double ref, double adv) noexcept {
    const double amount = std::abs(size);
    const bool passes = PriceBandGuard::passes(price, ref, p.pct) && amount * price <= p.notional_max &&
                        (!has_value(adv) || amount <= p.adv_max * adv);
    return passes ? 1.0 : 0.0;
  }
};

}  // namespace millrace
