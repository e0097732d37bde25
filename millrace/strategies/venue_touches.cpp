#include "millrace/strategies/venue_touches.h"

namespace millrace {

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
