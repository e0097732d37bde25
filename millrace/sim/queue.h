#pragma once

#include <limits>

#include "millrace/base/time.h"

namespace millrace {

/// Where a resting order stands at its price, in lots of others that are served before it. Sizes are displayed ones:
/// our own order is in none of them.
struct QueuePlace {
  static constexpr double unknown = std::numeric_limits<double>::infinity();

  static constexpr Nanos one_event = 20'000'000;  // apart at most, a trade and the quote that it made

  double ahead = unknown;  // until its price is the best of its side

  /// `traded` lots changed hands at its price. Some feeds tell the smaller quote before the trade that made it: what
  /// the last fall was taken for is taken back as far as a trade soon after explains it. Who was served is the caller's
  /// to say.
  void explain(double traded, Nanos now);

  /// The displayed size fell from `before` by `gone` that no trade explains. A share F(behind) of it, F(x) = x^power /
  /// (ahead^power + behind^power), stood behind us, the rest before us.
  /// Source: hftbacktest 0.9, `ProbQueueModel` with `PowerProbQueueFunc`; after quant.stackexchange.com/questions/3782.
  void on_cancels(double before, double gone, double power, Nanos now);

 private:
  Nanos fell_ = no_time;
  double doubtful_ = 0.0, shift_ = 0.0;  // of the last fall, not explained, and what `ahead` lost by it
};

}  // namespace millrace
