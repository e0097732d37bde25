#pragma once

#include <algorithm>

#include "millrace/kernels/kernel.h"

namespace millrace {

/// Greatest multiple of `width` at or before the clock, counted in widths.
inline std::int64_t floor_of(Nanos clock, Nanos width) noexcept { return clock / width - (clock % width < 0 ? 1 : 0); }

/// Previous-tick mean over an event-time window: each value counts for as long as it stood. The area under the values
/// lies by bucket in a ring of `buckets` doubles; the closed buckets are added up anew as one closes.
struct TimeMean {
  double closed = 0.0;                        // area of the buckets before the open one
  double origin = no_value, held = no_value;  // the first value, and the one that stands
  Nanos start = no_time, since = no_time;     // of the first value, and up to where the area is known
  std::int64_t newest = 0;                    // the open bucket

  /// Lets the held value stand until `clock`.
  void pass(const Window& w, Tail ring, Nanos clock) noexcept {
    if (since == no_time) return;
    const std::int64_t bucket = floor_of(clock, w.span / w.buckets);
    advance(w, ring, bucket);
    slot(w, ring, bucket) += (held - origin) * static_cast<double>(clock - since);
    since = clock;
  }

  /// From `clock` on the value is `x`. REQUIRES: `pass` up to there.
  void take(const Window& w, double x, Nanos clock) noexcept {
    if (since == no_time) {
      start = since = clock;
      origin = x;
      newest = floor_of(clock, w.span / w.buckets);
    }
    held = x;
  }

  /// The mean from the later of the window's start and the first value up to now; null before the window is warm.
  double value(const Window& w, Tail ring, Now now) const noexcept {
    const Nanos width = w.span / w.buckets;
    const std::int64_t bucket = floor_of(now.clock, width);
    if (since == no_time || bucket - floor_of(now.first, width) < w.buckets) return no_value;
    const Nanos time = now.clock - std::max(start, (bucket - w.buckets + 1) * width);
    return time > 0 ? origin + (closed + slot(w, ring, bucket)) / static_cast<double>(time) : no_value;
  }

 private:
  static double& slot(const Window& w, Tail ring, std::int64_t bucket) noexcept {
    return ring[(bucket % w.buckets + w.buckets) % w.buckets];
  }
  void advance(const Window& w, Tail ring, std::int64_t now) noexcept {
    const Nanos width = w.span / w.buckets;
    if (now <= newest) return;
    if (now - newest > w.buckets) {  // all that was is out of the window
      newest = now - w.buckets;
      since = newest * width;
      slot(w, ring, newest) = 0.0;
    }
    while (newest < now) {
      const Nanos end = (newest + 1) * width;
      slot(w, ring, newest) += (held - origin) * static_cast<double>(end - since);
      since = end;
      slot(w, ring, ++newest) = 0.0;
    }
    closed = 0.0;
    for (std::int64_t k = now - w.buckets + 1; k < now; ++k) closed += slot(w, ring, k);
  }
};

}  // namespace millrace
