#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

#include "millrace/base/time.h"
#include "millrace/market/tick.h"
#include "millrace/trading/money.h"

namespace millrace {

enum class Contract : std::uint8_t {
  spot,     // base asset against quote asset, paid in full
  linear,   // perpetual or dated, settled in the quote asset
  inverse,  // perpetual or dated, quoted in one asset and settled in the other: sizes are contracts
};

/// What trading an instrument takes: its steps, its least order, what it settles in.
struct InstrumentSpec {
  std::string venue, symbol;
  std::string base, quote;
  Contract contract = Contract::spot;
  Nanos expiry = no_time;          // of a dated future; perpetuals and spot have none
  Decimal tick_size{1, 8};         // price step, in quote per base
  Decimal lot_size{1, 8};          // size step, in base (inverse: contracts)
  Decimal multiplier{1, 0};        // base of one size 1 of a linear contract; quote (as USD) of one inverse contract
  Amount min_notional = 0;         // of an order, in the quote asset
  Lots min_size = 1;               // of an order
  double max_leverage = 1.0;       // notional over margin at entry; 1 for spot
  double maintenance_share = 0.0;  // of the notional, below which a derivative is liquidated
  bool is_known = true;            // from a table; false: steps are the finest there are

  const std::string& settle() const { return contract == Contract::inverse ? base : quote; }
  bool is_derivative() const { return contract != Contract::spot; }
  bool is_perpetual() const { return is_derivative() && expiry == no_time; }

  double price(Ticks ticks) const { return tick_size.times(ticks); }
  double size(Lots lots) const { return lot_size.times(lots); }

  /// The nearest tick; `down` and `up` for prices that must not be bettered. Nothing for what is no positive number or
  /// does not fit.
  std::optional<Ticks> ticks(double price) const { return positive(std::round(tick_size.steps_in(price))); }
  std::optional<Ticks> ticks_down(double price) const {
    return positive(std::floor(snapped(tick_size.steps_in(price))));
  }
  std::optional<Ticks> ticks_up(double price) const { return positive(std::ceil(snapped(tick_size.steps_in(price)))); }

  /// Whole lots in `size`, rounded towards zero: an order never grows by rounding.
  std::optional<Lots> lots(double size) const { return whole(std::trunc(snapped(lot_size.steps_in(size)))); }

  /// What a position of `size` (negative: short) is worth at `price`, in the settlement asset. For an inverse contract
  /// it is minus what its contracts buy of the base asset, so that value(now) - value(entry) is the profit, as for the
  /// others.
  Amount value(Lots size, Ticks price) const;
  Amount value_at(Lots size, double price) const {  // at a price between ticks, as a mark
    const double units = this->size(size) * multiplier.value();
    const double worth = contract == Contract::inverse ? -units / price : units * price;
    return to_amount(worth).value_or(worth > 0.0 ? most_amount : -most_amount);
  }

  /// Size times price in the quote asset, for limits.
  double notional(Lots size, double price) const;

 private:
  static constexpr double most_steps = 4e18;  // of a price or size; beyond it the double is no whole number of steps

  /// A quotient that is a whole number but for the rounding of the division counts as that number.
  static double snapped(double value) {
    const double nearest = std::round(value);
    return std::abs(value - nearest) <= 1e-9 * std::max(1.0, std::abs(nearest)) ? nearest : value;
  }
  static std::optional<std::int64_t> whole(double value) {
    if (!(std::abs(value) <= most_steps)) return std::nullopt;
    return static_cast<std::int64_t>(value);
  }
  static std::optional<Ticks> positive(double value) {
    const auto ticks = whole(value);
    return ticks && *ticks > 0 ? ticks : std::nullopt;
  }
};

/// "BTC-USDT", "BTC-USDT:PERP", "BTC-USD:20260925" taken apart; contracts are linear unless the venue is known for
/// inverse ones (binance_coinm). Nothing where the symbol has no dash.
std::optional<InstrumentSpec> spec_of_symbol(const std::string& venue, const std::string& symbol);

}  // namespace millrace
