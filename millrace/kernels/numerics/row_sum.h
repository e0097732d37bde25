#pragma once

#include <algorithm>

#include "millrace/kernels/kernel.h"
#include "millrace/kernels/numerics/compensated.h"
#include "millrace/kernels/numerics/short_sums.h"

namespace millrace {

/// Sum of x - origin over the last w observations: a short window anew on every row, a longer one as a compensated sum.
struct RowSum {
  WindowSum running;  // of a longer window

  /// Takes in x[0]; the sum of the last min(count, window). REQUIRES: x looks back at least `window`.
  double slide(Past x, std::int64_t window, double origin) noexcept {
    const auto count = static_cast<std::int64_t>(x.count);
    if (window <= most_short_rows) {
      return ShortSums(DistanceTerms{x.newest, origin}, std::min(count, window)).at(0)[0];
    }
    if (count > window) {
      running.exchange(x[0] - origin, x[window] - origin);
    } else {
      running.enter(x[0] - origin);
    }
    return running.value();
  }
  /// `slide` for rows of a full window at x, x + 1, …; gives out the sum after each.
  void slide_all(const double* x, std::size_t rows, std::int64_t window, double origin, double* sums) noexcept {
    if (window <= most_short_rows) {
      ShortSums(DistanceTerms{x, origin}, window).all(rows, {sums});
    } else {
      running.slide_all(x, rows, window, origin, sums);
    }
  }
};

}  // namespace millrace
