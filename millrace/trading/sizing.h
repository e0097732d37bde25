#pragma once

#include <algorithm>
#include <cmath>

#include "millrace/trading/desk.h"

namespace millrace {

/// How large a position may be: what a move of k standard deviations over the holding time costs is a share of the
/// equity.
struct Sizing {
  double risk = 0.0025;  // of the equity
  double k = 3.0;        // standard deviations
  double cap = 0.25;     // notional, as a share of the equity
};

/// Whole lots of a position with volatility `sigma` (of the log price over the holding time), scaled by `share`; 0
/// where sigma or the price is unknown.
inline Lots size_of(const Sizing& sizing, const Desk& desk, InstrumentId instrument, double sigma, double share = 1.0) {
  const double price = desk.mark(instrument), equity = desk.equity(), rate = desk.rate(instrument);
  if (!(sigma > 0.0) || !(price > 0.0) || !(equity > 0.0) || !(rate > 0.0)) return 0;
  const double notional = share * std::min(sizing.cap * equity, equity * sizing.risk / (sizing.k * sigma));
  const InstrumentSpec& spec = desk.spec(instrument);
  const auto worth = [&](Lots size) { return std::abs(to_double(spec.value_at(size, price))) * rate; };
  const double of_one_lot = worth(1'000'000) / 1e6;
  if (!(of_one_lot > 0.0)) return 0;
  // Amounts are rounded, and a limit of the same share would refuse what exceeds it by the rounding.
  auto size = static_cast<Lots>(notional / of_one_lot);
  for (int i = 0; i < 2 && worth(size) > notional; ++i) {
    size = static_cast<Lots>(static_cast<double>(size) * (notional / worth(size))) - 1;
  }
  return std::max<Lots>(size, 0);
}

}  // namespace millrace
