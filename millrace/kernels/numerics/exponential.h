#pragma once

#include <cmath>

#include "millrace/kernels/kernel.h"
#include "millrace/kernels/signature.h"

namespace millrace {

/// An average of weight `alpha` per observation; NaN before the first.
inline double follow(double mean, double alpha, double x) noexcept {
  return std::isnan(mean) ? x : mean + alpha * (x - mean);
}

/// `follow` for the rows of a frame.
inline void follow_all(double& mean, double alpha, const Frame& frame) noexcept {
  const double* x = frame.in[0];
  double* out = frame.out[0];
  if (frame.rows == 0) return;
  out[0] = form::finite_or_null(mean = follow(mean, alpha, x[0]));
  double now = mean;
  for (std::size_t row = 1; row < frame.rows; ++row) out[row] = now += alpha * (x[row] - now);
  if (std::isfinite(now)) {
    mean = now;
    return;
  }
  for (std::size_t row = 1; row < frame.rows; ++row) {  // it overflowed, and starts anew
    out[row] = form::finite_or_null(mean = follow(mean, alpha, x[row]));
  }
}

/// An average that decays by event time (`kernels.md` 3). Several observations with one timestamp: the last replaces
/// the earlier ones, so the state keeps the average from before that timestamp.
struct DecayingMean {
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
