#pragma once

#include <cmath>
#include <limits>

#include "millrace/kernels/kernel.h"
#include "millrace/kernels/numerics/compensated.h"

namespace millrace {

/// Products of the returns of two legs whose intervals overlap (Hayashi, Yoshida 2005), one return at a time. A return
/// ends on the clock of both legs and begins where its leg's return before ended, the first at its leg's first row.
/// Returns of a leg that end at one time are one return.
struct OverlappingReturns {
  /// What a new return adds, dated by its end: its products with the other leg's returns that end within its interval,
  /// and to the sum of squares of its leg.
  struct Added {
    double product, square, former_square;  // the former one leaves: returns of one end time are one
  };

  Added take(std::size_t leg, double r, Nanos clock, const Fresh& fresh) noexcept {
    Leg &own = legs[leg], &other = legs[1 - leg];
    const bool is_empty = clock == fresh.first(leg);  // no time has passed since the leg began: nothing overlaps it
    Added added{};
    if (own.end == clock) {
      const double both = sum_of(own.newest, r);
      added = {is_empty ? 0.0 : r * own.since_begin, both * both, own.newest * own.newest};
      own.newest = both;
    } else {
      added = {r * own.since_end, r * r, 0.0};
      own = {.end = clock, .newest = r, .since_begin = own.since_end, .since_end = 0.0};
    }
    if (is_empty) return added;
    // What ends where the other leg's newest return ends lies in that one's interval, later ones in its next. Before
    // the other leg's first row there is no interval.
    const Nanos end = other.end == no_time ? fresh.first(1 - leg) : other.end;
    if (clock > end) other.since_end += r;
    if (clock == end && other.end != no_time) other.since_begin += r;
    return added;
  }

  /// Exactly 0 where it is rounding alone: up and down again at one time is no return.
  static double sum_of(double a, double b) noexcept {
    const double sum = a + b;
    return std::abs(sum) <= 16.0 * std::numeric_limits<double>::epsilon() * std::abs(a) ? 0.0 : sum;
  }

  struct Leg {
    Nanos end = no_time;       // of the newest return
    double newest = 0.0;       // sum of the returns that end there
    double since_begin = 0.0;  // sum of the other leg's returns that end within the newest interval
    double since_end = 0.0;    // of those that end after it
  };
  Leg legs[2] = {};
};

/// Sums over pairs of returns: products, squares of each leg, and how many returns.
struct OverlapSums {
  CompensatedSum product, squares[2];
  double returns[2] = {};

  void add(const OverlappingReturns::Added& added, std::size_t leg) noexcept {
    product.add(added.product);
    squares[leg].exchange(added.square, added.former_square);
    returns[leg] += 1.0;
  }
  void merge(const OverlapSums& newer) noexcept {
    product.merge(newer.product);
    for (std::size_t leg = 0; leg < 2; ++leg) {
      squares[leg].merge(newer.squares[leg]);
      returns[leg] += newer.returns[leg];
    }
  }
  double covariance() const noexcept { return returns[0] > 0.0 && returns[1] > 0.0 ? product.value() : no_value; }
  double correlation() const noexcept {
    const double a = squares[0].value(), b = squares[1].value();
    return a > 0.0 && b > 0.0 ? covariance() / (std::sqrt(a) * std::sqrt(b)) : no_value;
  }
};

/// Takes the returns of a row into `into`. observed_null: one of them is null.
inline Seen take_returns(OverlappingReturns& legs, OverlapSums& into, const double* r, const Fresh& fresh,
                         Nanos clock) noexcept {
  Seen seen = unobserved;
  for (std::size_t leg = 0; leg < 2; ++leg) {
    if (fresh[leg] == observed_null) return observed_null;
    if (fresh[leg] == observed) seen = observed;
  }
  for (std::size_t leg = 0; leg < 2; ++leg) {
    if (fresh[leg] == observed) into.add(legs.take(leg, r[leg], clock, fresh), leg);
  }
  return seen;
}

}  // namespace millrace
