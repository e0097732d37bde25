#pragma once

#include <algorithm>
#include <cmath>

#include "millrace/market/tick.h"

namespace millrace {

/// The square-root law beyond what is displayed: Y * sigma_day * sqrt(size / volume of a day), in bps. Without a known
/// volume there is no law to apply: 0, and the caller's own floor counts. Source: Almgren, Thum, Hauptmann, Li (2005),
/// Risk 18(7), 58-62; Toth et al. (2011), Physical Review X 1, 021006.
inline double impact_bps(double size, double volume_24h, double sigma_day = 0.04, double y = 1.0) {
  if (!(size > 0.0) || !(volume_24h > 0.0)) return 0.0;
  return 1e4 * y * sigma_day * std::sqrt(size / volume_24h);
}

}  // namespace millrace
