#pragma once

#include <cmath>
#include <span>
#include <string_view>

#include "millrace/base/error.h"
#include "millrace/market/tick.h"

namespace millrace {

/// What an order has cost so far. Prices enter as differences from one reference, so that nothing cancels.
struct OrderCosts {
  double filled = 0.0;
  double slip = 0.0;  // sum of size * (price - reference)
  double fees = 0.0;
  double close = no_value;  // the latest mark

  void fill(double reference, double price, double size, double fee) noexcept {
    filled += size;
    slip += size * (price - reference);
    fees += fee;
  }
  void mark(double price) noexcept { close = price; }

  /// What the rest of the order missed; 0 before the first mark.
  double missed(double quantity, double reference) const noexcept {
    return std::isnan(close) ? 0.0 : (quantity - filled) * (close - reference);
  }
};

/// The life of an order as vectors: fills, and marks where the size is null. No price, no event.
struct OrderEvents {
  std::span<const double> price, size, fee;  // `fee` may be empty
};

/// Plays an order's events and tells `after` of each whether it is one, and the costs after it. Throws
/// Error(Fault::config) on sizes below 0 and on fills beyond the quantity (and the rounding of decimal sizes).
template <class After>
void play_order(std::string_view kernel, double quantity, double reference, const OrderEvents& events, After after) {
  OrderCosts costs;
  for (std::size_t i = 0; i < events.price.size(); ++i) {
    const double price = events.price[i], size = events.size[i];
    const double fee = i < events.fee.size() && has_value(events.fee[i]) ? events.fee[i] : 0.0;
    if (size < 0.0) fail(Fault::config, "{}: size[{}] must be 0 or more, was {}", kernel, i, size);
    if (has_value(price) && has_value(size)) costs.fill(reference, price, size, fee);
    if (has_value(price) && !has_value(size)) {
      costs.mark(price);
      costs.fees += fee;
    }
    if (costs.filled > quantity * (1.0 + 1e-12)) {
      fail(Fault::config, "{}: size[0] to size[{}] must be at most the quantity {}, were {}", kernel, i, quantity,
           costs.filled);
    }
    after(has_value(price), costs);
  }
}

}  // namespace millrace
