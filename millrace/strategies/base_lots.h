#pragma once

#include "millrace/trading/instrument_spec.h"

namespace millrace {

/// Base asset of so many lots of a spot instrument or a linear contract, with their sign.
inline double base_of(const InstrumentSpec& spec, Lots lots) {
  return lots < 0 ? -spec.notional(lots, 1.0) : spec.notional(lots, 1.0);
}

/// Whole lots in `base`, rounded towards zero.
Lots lots_of_base(const InstrumentSpec& spec, double base);

/// The most base up to `base` that is whole lots of both, and no less than each takes; 0 where there is none.
double common_base(const InstrumentSpec& a, const InstrumentSpec& b, double base);

}  // namespace millrace
