#pragma once

#include <algorithm>
#include <cstdint>

namespace millrace::form {

/// Where a kernel needs nothing beyond its buckets.
struct NoCarry {
  std::int64_t unused = 0;
};

template <class F>
struct CarryOf {
  using type = NoCarry;
};
template <class F>
  requires requires { typename F::Carry; }
struct CarryOf<F> {
  using type = typename F::Carry;
};

/// Gives values before its window is full.
template <class F>
concept TakesPartialWindows = requires {
  requires F::takes_partial_windows;
};

/// A bucket of an order statistic: its last observation.
struct Sample {
  double value = 0.0;
};

/// The samples of a window in order: the closed buckets sorted, the open one's put among them without moving any.
class Samples {
 public:
  Samples() = default;
  Samples(const double* closed, std::int64_t count, bool has_open, double open) noexcept
      : closed_(closed), count_(count), open_(open) {
    if (has_open) place_ = std::lower_bound(closed, closed + count, open) - closed;
  }

  std::int64_t size() const noexcept { return count_ + (place_ >= 0 ? 1 : 0); }
  double operator[](std::int64_t i) const noexcept {
    if (place_ < 0 || i < place_) return closed_[i];
    return i == place_ ? open_ : closed_[i - 1];
  }
  std::int64_t below(double x) const noexcept {
    return std::lower_bound(closed_, closed_ + count_, x) - closed_ + (place_ >= 0 && open_ < x ? 1 : 0);
  }
  std::int64_t up_to(double x) const noexcept {
    return std::upper_bound(closed_, closed_ + count_, x) - closed_ + (place_ >= 0 && open_ <= x ? 1 : 0);
  }

 private:
  const double* closed_ = nullptr;
  std::int64_t count_ = 0;
  std::int64_t place_ = -1;  // of the open bucket's sample; -1 = it has none
  double open_ = 0.0;
};

}  // namespace millrace::form
