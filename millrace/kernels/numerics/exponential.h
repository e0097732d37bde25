#pragma once

#include <cmath>

#include "millrace/kernels/kernel.h"

namespace millrace {

/// An average that decays by event time (`kernels.md` 3). Several observations with one timestamp: the last replaces
/// the earlier ones, so the state keeps the average from before that timestamp.
struct TimeMean {
  double mean = no_value;    // with the newest observation
  double before = no_value;  // without the observations of the newest timestamp
  double alpha = 1.0;        // of the newest timestamp
  Nanos stamp = no_time;     // 0 observations: no_time

  double observe(double x, Nanos clock, double tau_ns) noexcept {
    if (clock != stamp) {
      before = mean;
      alpha = stamp == no_time ? 1.0 : -std::expm1(-static_cast<double>(clock - stamp) / tau_ns);
      stamp = clock;
    }
    mean = std::isnan(before) ? x : before + alpha * (x - before);
    return mean;
  }
};

}  // namespace millrace
