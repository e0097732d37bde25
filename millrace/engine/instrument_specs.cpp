#include <cmath>

#include "millrace/base/error.h"
#include "millrace/engine/backtest.h"

namespace millrace {

namespace {

Decimal decimal_of(double value, const Instrument& instrument, std::string_view what) {
  const auto decimal = Decimal::from(value);
  if (!decimal || decimal->mantissa <= 0) {
    fail(Fault::config, "{}:{}: {}: expected a decimal of at most 15 digits above 0, was {}", instrument.venue,
         instrument.symbol, what, value);
  }
  return *decimal;
}

}  // namespace

InstrumentSpec spec_of(const Instrument& instrument, const InstrumentTable& table) {
  auto spec = spec_of_symbol(instrument.venue, instrument.symbol);
  if (!spec) {
    fail(Fault::config,
         "{}:{}: expected a symbol such as BTC-USD, whose assets can be told; leave it out with --symbols",
         instrument.venue, instrument.symbol);
  }
  const auto at = table.find(instrument.venue + ":" + instrument.symbol);
  if (at == table.end()) return *spec;
  const InstrumentFacts& facts = at->second;
  spec->is_known = true;
  if (facts.contract == "spot") spec->contract = Contract::spot;
  if (facts.contract == "linear") spec->contract = Contract::linear;
  if (facts.contract == "inverse") spec->contract = Contract::inverse;
  if (facts.tick_size > 0.0) spec->tick_size = decimal_of(facts.tick_size, instrument, "tick_size");
  if (facts.lot_size > 0.0) spec->lot_size = decimal_of(facts.lot_size, instrument, "lot_size");
  if (facts.multiplier > 0.0) spec->multiplier = decimal_of(facts.multiplier, instrument, "multiplier");
  if (facts.min_notional > 0.0) spec->min_notional = to_amount(facts.min_notional).value_or(most_amount);
  if (facts.min_size > 0.0) spec->min_size = std::max<Lots>(1, spec->lots(facts.min_size).value_or(1));
  if (facts.max_leverage > 0.0) spec->max_leverage = facts.max_leverage;
  if (facts.maintenance_share > 0.0) spec->maintenance_share = facts.maintenance_share;
  return *spec;
}

}  // namespace millrace
