#include "millrace/strategies/venue_touches.h"

namespace millrace {

Lots lots_of_base(const InstrumentSpec& spec, double base) {
  return spec.lots(base / (spec.notional(1'000'000, 1.0) / spec.size(1'000'000))).value_or(0);
}

void VenueGroup::add(VenueTouch touch) {
  const std::size_t before = touches.size();
  touches.push_back(touch);
  std::vector<Nanos> grown(touches.size() * touches.size(), no_time);
  for (std::size_t i = 0; i < before; ++i) {
    for (std::size_t j = 0; j < before; ++j) grown[i * touches.size() + j] = since[i * before + j];
  }
  since = std::move(grown);
}

}  // namespace millrace
