#pragma once

#include <algorithm>
#include <cstdint>

#include "millrace/kernels/kernel.h"

namespace millrace {

/// The newest observations of a leg by their own times: the newest one and the 16 before it, whatever the order in
/// which they came. Of equal times the last to come counts (`asof.md` 5).
struct Recent {
  static constexpr std::int64_t kept = 17;
  std::int64_t count = 0;
  Nanos times[kept] = {};  // ascending
  double values[kept] = {};

  void insert(Nanos time, double value) noexcept {
    std::int64_t place = count;
    while (place > 0 && times[place - 1] > time) --place;
    if (count == kept) {
      if (place == 0) return;  // older than all that is kept
      std::copy(times + 1, times + place, times);
      std::copy(values + 1, values + place, values);
      --place;
    } else {
      std::copy_backward(times + place, times + count, times + count + 1);
      std::copy_backward(values + place, values + count, values + count + 1);
      ++count;
    }
    times[place] = time;
    values[place] = value;
  }

  /// The newest value at or before `time`, null where it is older than `tolerance`.
  double as_of(Nanos time, Nanos tolerance) const noexcept {
    for (std::int64_t i = count; i-- > 0;) {
      if (times[i] <= time) return time - times[i] <= tolerance ? values[i] : no_value;
    }
    return no_value;
  }
};

}  // namespace millrace
