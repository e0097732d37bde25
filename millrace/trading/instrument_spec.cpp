#include "millrace/trading/instrument_spec.h"

#include <cmath>

#include "millrace/market/symbols.h"

namespace millrace {

namespace {

constexpr double most_steps = 4e18;  // of a price or size; beyond it the double is no whole number of steps

constexpr double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                             1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};

double number(Decimal decimal) { return static_cast<double>(decimal.mantissa) / powers[decimal.digits]; }

/// `value` in steps of `step`, not yet whole.
double steps(double value, Decimal step) { return value * powers[step.digits] / static_cast<double>(step.mantissa); }

/// A quotient that is a whole number but for the rounding of the division counts as that number.
double snapped(double value) {
  const double nearest = std::round(value);
  return std::abs(value - nearest) <= 1e-9 * std::max(1.0, std::abs(nearest)) ? nearest : value;
}

std::optional<std::int64_t> whole(double value) {
  if (!(std::abs(value) <= most_steps)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

std::optional<Ticks> positive(double value) {
  const auto ticks = whole(value);
  return ticks && *ticks > 0 ? ticks : std::nullopt;
}

}  // namespace

double InstrumentSpec::price(Ticks ticks) const {
  return static_cast<double>(ticks * tick_size.mantissa) / powers[tick_size.digits];
}

double InstrumentSpec::size(Lots lots) const {
  return static_cast<double>(lots * lot_size.mantissa) / powers[lot_size.digits];
}

std::optional<Ticks> InstrumentSpec::ticks(double price) const { return positive(std::round(steps(price, tick_size))); }

std::optional<Ticks> InstrumentSpec::ticks_down(double price) const {
  return positive(std::floor(snapped(steps(price, tick_size))));
}

std::optional<Ticks> InstrumentSpec::ticks_up(double price) const {
  return positive(std::ceil(snapped(steps(price, tick_size))));
}

std::optional<Lots> InstrumentSpec::lots(double size) const {
  return whole(std::trunc(snapped(steps(size, lot_size))));
}

Amount InstrumentSpec::value(Lots size, Ticks price) const {
  constexpr int amount_digits = 8;
  if (contract == Contract::inverse) return value_at(size, this->price(price));
  // size * lot * ticks * tick * multiplier, in units of 1e-8
  const std::int64_t step = tick_size.mantissa * lot_size.mantissa * multiplier.mantissa;
  const int digits = tick_size.digits + lot_size.digits + multiplier.digits - amount_digits;
  if (digits >= 0) return scaled_product(size, price, step, digits);
  std::int64_t larger = step;
  for (int i = digits; i < 0; ++i) larger *= 10;
  return scaled_product(size, price, larger, 0);
}

Amount InstrumentSpec::value_at(Lots size, double price) const {
  const double units = this->size(size) * number(multiplier);
  const double worth = contract == Contract::inverse ? -units / price : units * price;
  return to_amount(worth).value_or(worth > 0.0 ? most_amount : -most_amount);
}

double InstrumentSpec::notional(Lots size, double price) const {
  const double units = std::abs(this->size(size)) * number(multiplier);
  return contract == Contract::inverse ? units : units * price;
}

std::optional<InstrumentSpec> spec_of_symbol(const std::string& venue, const std::string& symbol) {
  const std::size_t dash = symbol.find('-');
  if (dash == std::string::npos || dash == 0) return std::nullopt;
  const std::size_t colon = symbol.find(':', dash);
  InstrumentSpec spec{.venue = venue, .symbol = symbol, .base = symbol.substr(0, dash)};
  spec.quote = symbol.substr(dash + 1, colon == std::string::npos ? colon : colon - dash - 1);
  if (spec.quote.empty()) return std::nullopt;
  if (colon != std::string::npos) {
    spec.contract = venue == "binance_coinm" ? Contract::inverse : Contract::linear;
    spec.expiry = expiry_of(symbol).value_or(no_time);
    spec.max_leverage = 20.0;
    spec.maintenance_share = 0.005;
    if (spec.contract == Contract::inverse) {
      spec.multiplier = {spec.base == "BTC" ? 100 : 10, 0};
      spec.lot_size = {1, 0};
    }
  }
  spec.is_known = false;
  return spec;
}

}  // namespace millrace
