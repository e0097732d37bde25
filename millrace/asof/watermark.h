#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include "millrace/asof/rule.h"

namespace millrace {

/// The time before which an input's rows are late: the latest time seen, less the allowed lateness, of the partition
/// that is furthest behind. Before a partition's first row there is none; its end counts as infinity.
class Watermark {
 public:
  static constexpr Nanos ended = std::numeric_limits<Nanos>::max();

  Watermark(std::size_t partitions, std::uint64_t lateness_ns)
      : lateness_ns_(lateness_ns), seen_(partitions, no_time) {}

  /// REQUIRES: partition below the number of them, a time.
  void see(std::size_t partition, Nanos time) {
    if (time <= seen_[partition]) return;
    seen_[partition] = time;
    update();
  }
  void finish() {
    has_ended_ = true;
    value_ = ended;
  }

  Nanos value() const { return value_; }
  bool has_ended() const { return has_ended_; }
  std::size_t partitions() const { return seen_.size(); }
  const std::vector<Nanos>& seen() const { return seen_; }

 private:
  void update() {
    if (has_ended_) return;
    const Nanos least = *std::min_element(seen_.begin(), seen_.end());
    value_ = least == no_time ? no_time : earlier(least, lateness_ns_);
  }

  std::uint64_t lateness_ns_;
  std::vector<Nanos> seen_;
  Nanos value_ = no_time;
  bool has_ended_ = false;
};

}  // namespace millrace
