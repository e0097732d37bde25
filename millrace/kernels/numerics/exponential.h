#pragma once

#include <cmath>

#include "millrace/kernels/kernel.h"
#include "millrace/kernels/numerics/four.h"

namespace millrace {

/// An average that moves by `alpha` of the way to each observation, as one fused step: from row to row only its four
/// cycles are waited for. The two shares add up to exactly 1, so the average of a constant series is that constant to
/// the bit, and no average leaves the range of its observations. What that changes of `alpha`, 2^-54 at most, is less
/// than what rounding takes from the average itself.
struct Smoothing {
  double kept, taken;

  explicit Smoothing(double alpha) noexcept : kept(1.0 - alpha), taken(1.0 - kept) {}

  double after(double average, double x) const noexcept { return std::fma(kept, average, taken * x); }

  /// Moves `average` to each row in turn; its values after each.
  Four after_rows(double& average, Four x) const noexcept {
    const Four part = taken * x;
    const double a = std::fma(kept, average, part[0]), b = std::fma(kept, a, part[1]), c = std::fma(kept, b, part[2]);
    average = std::fma(kept, c, part[3]);
    return Four{a, b, c, average};
  }
};

/// The same average with each value made of that four rows before and of what came since, so that four chains run side
/// by side. Of a constant it is that constant up to rounding.
struct SmoothingByFour {
  double kept, kept2, kept4, taken;

  explicit SmoothingByFour(double alpha) noexcept
      : kept(1.0 - alpha), kept2(kept * kept), kept4(kept2 * kept2), taken(1.0 - kept) {}

  /// `since` are the newest `taken * x`, `before` the average four rows before.
  double after(double before, const double (&since)[4]) const noexcept {
    const double older = std::fma(kept, since[0], since[1]), newer = std::fma(kept, since[2], since[3]);
    return std::fma(kept4, before, std::fma(kept2, older, newer));
  }
  /// The averages after four rows, from those after the four before. `newest` are the rows' `taken * x`, with those of
  /// the three rows before them in front.
  Four after_rows(Four before, const double* newest) const noexcept {
    const Four older = fused(kept, load_four(newest - 3), load_four(newest - 2));
    const Four newer = fused(kept, load_four(newest - 1), load_four(newest));
    return fused(kept4, before, fused(kept2, older, newer));
  }

 private:
  static Four fused(double share, Four of, Four and_this) noexcept {
    return _mm256_fmadd_pd(_mm256_set1_pd(share), of, and_this);
  }
};

/// An average of weight `alpha` per observation; NaN before the first.
inline double follow(double mean, double alpha, double x) noexcept {
  return std::isnan(mean) ? x : Smoothing(alpha).after(mean, x);
}

/// `follow` for the rows of a frame.
inline void follow_all(double& mean, double alpha, const Frame& frame) noexcept {
  if (frame.rows == 0) return;
  const Smoothing smoothing(alpha);
  const double* x = frame.in[0];
  double* out = frame.out[0];
  double now = out[0] = follow(mean, alpha, x[0]);
  for (std::size_t row = 1; row < frame.rows; ++row) out[row] = now = smoothing.after(now, x[row]);
  mean = now;
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
