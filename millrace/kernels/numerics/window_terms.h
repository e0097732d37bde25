#pragma once

#include <algorithm>

#include "millrace/kernels/kernel.h"
#include "millrace/kernels/numerics/compensated.h"

namespace millrace {

/// Slides a sum over a window whose terms are made of `span` neighbours each: `term(k)` is of x[k] … x[k + span - 1],
/// and a full window holds window - span + 1 of them. REQUIRES: window >= span, x looks back at least `window`.
template <std::int64_t span, class Term>
void slide_terms(WindowSum& sum, Past x, std::int64_t window, Term&& term) noexcept {
  const auto count = static_cast<std::int64_t>(x.count);
  if (count > window) {
    sum.exchange(term(0), term(window - span + 1));
  } else if (count >= span) {
    sum.enter(term(0));
  }
}

/// Observations in a row window so far.
inline std::int64_t rows_in(Past x, std::int64_t window) noexcept {
  return std::min(static_cast<std::int64_t>(x.count), window);
}

/// History of a number that a kernel makes itself (of a bar, a trade), in its tail. Each is written twice,
/// `window` + 1 apart, so that the newest window + 1 of them always lie in one piece.
struct Trail {
  std::uint64_t count = 0;

  static std::size_t doubles(std::int64_t window) noexcept { return 2 * static_cast<std::size_t>(window + 1); }

  Past push(Tail tail, std::int64_t window, double x) noexcept {
    const auto length = static_cast<std::uint64_t>(window + 1);
    double* const slot = tail + count % length;
    slot[0] = slot[length] = x;
    return Past{slot + length, ++count};
  }
};

}  // namespace millrace
