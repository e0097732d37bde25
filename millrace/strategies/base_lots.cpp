#include "millrace/strategies/base_lots.h"

namespace millrace {

Lots lots_of_base(const InstrumentSpec& spec, double base) {
  return spec.lots(base / (spec.notional(1'000'000, 1.0) / spec.size(1'000'000))).value_or(0);
}

double common_base(const InstrumentSpec& a, const InstrumentSpec& b, double base) {
  for (int i = 0; i < 2; ++i) {  // that of the coarser lots, which are a multiple of the finer ones
    base = base_of(a, lots_of_base(a, base));
    base = base_of(b, lots_of_base(b, base));
  }
  return lots_of_base(a, base) >= a.min_size && lots_of_base(b, base) >= b.min_size ? base : 0.0;
}

}  // namespace millrace
