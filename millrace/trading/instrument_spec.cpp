#include "millrace/trading/instrument_spec.h"

#include <cmath>

#include "millrace/market/symbols.h"

namespace millrace {

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

double InstrumentSpec::notional(Lots size, double price) const {
  const double units = std::abs(this->size(size)) * multiplier.value();
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
