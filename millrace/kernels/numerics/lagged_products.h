#pragma once

#include <algorithm>
#include <limits>

#include "millrace/kernels/numerics/compensated.h"
#include "millrace/kernels/numerics/power_sums.h"

namespace millrace {

/// Cross-correlations of two series over the last `window` pairs at every lag up to `max_lag`, in O(max_lag) a pair.
/// Works on memory of the caller: products that enter and leave are the same rounded numbers, in compensated sums.
class LaggedProducts {
 public:
  struct Head {
    std::int64_t pairs = 0;  // taken so far
    double shift_a = 0.0, shift_b = 0.0;
    CompensatedSum a, b, aa, bb;                  // about the shifts
    double greatest_aa = 0.0, greatest_bb = 0.0;  // since they were made anew: what their rounding is measured by
  };

  static std::size_t memory(std::int64_t window, std::int64_t max_lag) {
    return static_cast<std::size_t>(2 * window + 3 * (2 * max_lag + 1));
  }
  LaggedProducts(Head& head, double* memory, std::int64_t window, std::int64_t max_lag)
      : head_(head),
        window_(window),
        max_lag_(max_lag),
        a_(memory),
        b_(memory + window),
        products_(reinterpret_cast<CompensatedSum*>(memory + 2 * window)),
        rho_(memory + 2 * window + 2 * (2 * max_lag + 1)) {}

  bool is_full() const noexcept { return head_.pairs >= window_; }
  /// By lag, from −max_lag to max_lag.
  const double* rho() const noexcept { return rho_; }

  void take(double a, double b) noexcept {
    if (head_.pairs == 0) {
      head_.shift_a = a;
      head_.shift_b = b;
    }
    const bool was_full = is_full();
    const std::int64_t newest = head_.pairs, oldest = newest - window_;
    for (std::int64_t k = 1; was_full && k <= max_lag_; ++k) {
      at(k).add(-(a_of(oldest) * b_of(oldest + k)));
      at(-k).add(-(a_of(oldest + k) * b_of(oldest)));
    }
    const double old_a = was_full ? a_of(oldest) : 0.0, old_b = was_full ? b_of(oldest) : 0.0;
    a_[newest % window_] = a;
    b_[newest % window_] = b;
    a -= head_.shift_a;
    b -= head_.shift_b;
    head_.a.exchange(a, old_a);
    head_.b.exchange(b, old_b);
    head_.aa.exchange(a * a, old_a * old_a);
    head_.bb.exchange(b * b, old_b * old_b);
    at(0).exchange(a * b, old_a * old_b);
    head_.greatest_aa = std::max(head_.greatest_aa, head_.aa.value());
    head_.greatest_bb = std::max(head_.greatest_bb, head_.bb.value());
    ++head_.pairs;
    for (std::int64_t k = 1; k <= std::min(max_lag_, newest); ++k) {
      at(k).add(a_of(newest - k) * b);
      at(-k).add(a * b_of(newest - k));
    }
  }

  /// Correlates at all lags, over the pairs of which both lie in the full window; all null where one side is constant.
  void correlate() noexcept {
    const auto n = static_cast<double>(window_);
    constexpr double farthest = 8.0;
    const bool is_off = is_far(head_.a.value(), head_.aa.value(), n, head_.shift_a, farthest) ||
                        is_far(head_.b.value(), head_.bb.value(), n, head_.shift_b, farthest);
    if (is_off || head_.pairs % window_ == 0) make_anew();
    const Moments of_a = Powers{head_.shift_a, head_.a.value(), head_.aa.value(), 0.0, 0.0}.moments(n),
                  of_b = Powers{head_.shift_b, head_.b.value(), head_.bb.value(), 0.0, 0.0}.moments(n);
    const double size =
        std::sqrt(above_rounding(of_a.m2, head_.greatest_aa)) * std::sqrt(above_rounding(of_b.m2, head_.greatest_bb));
    const double mean_a = head_.a.value() / n, mean_b = head_.b.value() / n;
    const std::int64_t oldest = head_.pairs - window_, newest = head_.pairs - 1;
    double first_a = 0.0, first_b = 0.0, last_a = 0.0, last_b = 0.0;  // of the k oldest and newest pairs
    for (std::int64_t k = 0; k <= max_lag_; ++k) {
      if (k > 0) {
        first_a += a_of(oldest + k - 1);
        first_b += b_of(oldest + k - 1);
        last_a += a_of(newest - k + 1);
        last_b += b_of(newest - k + 1);
      }
      const double m = n - static_cast<double>(k), both = m * mean_a * mean_b;
      const double sum_a = head_.a.value(), sum_b = head_.b.value();
      const double ahead = at(k).value() - mean_a * (sum_b - first_b) - mean_b * (sum_a - last_a) + both;
      const double behind = at(-k).value() - mean_a * (sum_b - last_b) - mean_b * (sum_a - first_a) + both;
      rho_[max_lag_ + k] = size > 0.0 ? ahead / size : no_value;
      rho_[max_lag_ - k] = size > 0.0 ? behind / size : no_value;
    }
  }

 private:
  /// All sums from the pairs of the full window, about their means: after a jump nothing stays that is not exact.
  void make_anew() noexcept {
    const double shift_a = middle(a_, head_.shift_a, head_.a), shift_b = middle(b_, head_.shift_b, head_.b);
    head_ = {.pairs = head_.pairs, .shift_a = shift_a, .shift_b = shift_b};
    const std::int64_t oldest = head_.pairs - window_;
    for (std::int64_t k = -max_lag_; k <= max_lag_; ++k) at(k) = {};
    for (std::int64_t pair = oldest; pair < head_.pairs; ++pair) {
      const double a = a_of(pair), b = b_of(pair);
      head_.a.add(a);
      head_.b.add(b);
      head_.aa.add(a * a);
      head_.bb.add(b * b);
      at(0).add(a * b);
      for (std::int64_t k = 1; k <= std::min(max_lag_, pair - oldest); ++k) {
        at(k).add(a_of(pair - k) * b);
        at(-k).add(a * b_of(pair - k));
      }
    }
    head_.greatest_aa = head_.aa.value();
    head_.greatest_bb = head_.bb.value();
  }

  /// The mean, and the value itself where they are all one.
  double middle(const double* values, double shift, const CompensatedSum& sum) const noexcept {
    const bool is_one = std::all_of(values, values + window_, [&](double x) { return x == values[0]; });
    return is_one ? values[0] : shift + sum.value() / static_cast<double>(window_);
  }

  /// A spread of which nothing is left but what greater ones have rounded to is 0.
  double above_rounding(double m2, double greatest) const noexcept {
    constexpr double eps = std::numeric_limits<double>::epsilon();
    return m2 <= 16.0 * eps * eps * static_cast<double>(window_) * greatest ? 0.0 : m2;
  }

  double a_of(std::int64_t pair) const noexcept { return a_[pair % window_] - head_.shift_a; }
  double b_of(std::int64_t pair) const noexcept { return b_[pair % window_] - head_.shift_b; }
  CompensatedSum& at(std::int64_t lag) noexcept { return products_[max_lag_ + lag]; }

  Head& head_;
  std::int64_t window_, max_lag_;
  double *a_, *b_;
  CompensatedSum* products_;
  double* rho_;
};

}  // namespace millrace
