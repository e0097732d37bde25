#pragma once

#include <algorithm>

#include "millrace/base/time.h"

namespace millrace {

/// NORMAL, or DEFENSIVE after an alarm, and the way back in steps. One for each instrument; every alarm starts it anew.
class RegimeOverlay {
 public:
  struct Params {
    Nanos defensive = 30 * 60 * one_second, step = 10 * 60 * one_second;
    double share = 0.25;  // of the risk while defensive
    int steps = 3;
  };

  void alarm(const Params& params, Nanos now) { until_ = now + params.defensive; }
  bool is_defensive(Nanos now) const { return until_ != no_time && now < until_; }

  /// Of the risk taken in NORMAL: `share`, then in equal steps back to 1.
  double risk_share(const Params& params, Nanos now) const {
    if (until_ == no_time) return 1.0;
    if (now < until_) return params.share;
    const auto taken = static_cast<double>((now - until_) / params.step + 1);
    return std::min(1.0, params.share + (1.0 - params.share) * taken / static_cast<double>(params.steps));
  }

 private:
  Nanos until_ = no_time;
};

}  // namespace millrace
