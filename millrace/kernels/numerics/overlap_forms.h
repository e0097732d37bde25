#pragma once

#include "millrace/kernels/numerics/overlapping_returns.h"

namespace millrace {

/// The forms of kernel `K`, which makes its value of OverlapSums: over an event-time window, and over all rows.
template <class K, class P>
struct OverlapByTime {
  using Content = OverlapSums;
  using Carry = OverlappingReturns;
  static constexpr std::int64_t fewest = 0;  // a return of each leg, which the value looks at
  static Seen take(const P&, Content& c, Carry& legs, const double* x, const Fresh& fresh, Nanos clock) noexcept {
    return take_returns(legs, c, x, fresh, clock);
  }
  static void merge(Content& older, const Content& newer) noexcept { older.merge(newer); }
  static double value(const P&, const Content& all, const Carry&, const double*, double) noexcept {
    return K::value(all);
  }
};

template <class K, class P>
struct OverlapExpanding {
  struct State {
    OverlappingReturns legs;
    OverlapSums sums;
  };
  static constexpr bool watches_every_row = true;
  static double update(const P&, State& s, double a, double b, Fresh fresh, Now now) noexcept {
    const double returns[] = {a, b};
    const Seen seen = take_returns(s.legs, s.sums, returns, fresh, now.clock);
    return seen == observed_null ? no_value : K::value(s.sums);
  }
};

}  // namespace millrace
