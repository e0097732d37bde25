#pragma once

#include <array>
#include <optional>

#include "millrace/trading/instrument_spec.h"
#include "millrace/trading/order.h"

namespace millrace {

/// By how much the price gives way to what is traded beyond the displayed size (trading/impact.h).
struct ImpactLaw {
  double y = 1.0;
  double sigma_day = no_value, volume_day = no_value;
  double assumed = 0.0;  // a share of the price, where those are not known

  bool is_known() const { return sigma_day >= 0.0 && volume_day > 0.0; }
  double share(double size) const;
  /// The greatest size whose share is no more.
  double size_within(double share) const;
};

/// What an order meets that takes at once.
struct TakerMarket {
  Side side = Side::unknown;  // of the order
  Ticks touch = 0;            // best price of the other side, rounded against the order
  Lots displayed = 0;         // of it and still there
  Lots beyond = 0;            // already traded beyond it since the quote is as it is
  ImpactLaw impact;
};

struct TakerFill {
  Lots size = 0;
  Ticks price = 0;
};

/// What `left` gets: up to the displayed size at the touch, and what is beyond it at one worse price.
struct TakerPlan {
  TakerFill touch, beyond;

  Lots total() const { return touch.size + beyond.size; }
  Ticks worst() const { return beyond.size > 0 ? beyond.price : touch.price; }
};

/// No part is priced worse than `limit`: what that does not allow is not in the plan.
TakerPlan plan_taker(const TakerMarket& market, const InstrumentSpec& spec, Lots left, std::optional<Ticks> limit);

}  // namespace millrace
