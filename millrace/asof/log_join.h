#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "millrace/asof/log_ring.h"
#include "millrace/base/bytes.h"

namespace millrace {

/// Joins the rows of one merged log as they come (order=log): a right row is visible to the left rows behind it in the
/// log, if its time does not lie after theirs. One ring for each key, O(1) for each row, and a replay of the log gives
/// the same bits.
class StreamingAsofJoinKernel {
 public:
  static constexpr std::size_t most_keys = 1 << 20;

  struct Stats {
    std::size_t rows = 0, bytes = 0, keys = 0;  // retained
    std::uint64_t unmatched = 0;                // left rows, misses among them
    std::uint64_t missed = 0;                   // left rows older than all that is kept, where something was discarded
    std::uint64_t evicted = 0;
  };

  struct Match {
    Nanos time = no_time;  // of the right row; no_time = no match
    std::span<const std::byte> slot;
  };

  /// Fails for a rule that looks forward: a log has no future.
  StreamingAsofJoinKernel(const AsofRule& rule, std::size_t slot_bytes);

  void on_right(KeyNumber key, Nanos time, std::int64_t seq, std::span<const std::byte> slot);
  Match on_left(KeyNumber key, Nanos time);  // good until the next right row

  Stats stats() const;

  /// Equal states give equal bytes. `restore` throws Error(Fault::state) and leaves the join as it was.
  void snapshot(Bytes& out) const;
  void restore(std::span<const std::byte> snapshot);

 private:
  std::size_t stride() const { return (sizeof(LogRing) + LogRing::room * slot_bytes_ + 7) / 8 * 8; }
  std::size_t keys() const { return states_.size() / stride(); }
  const LogRing& ring(KeyNumber key) const;
  std::uint64_t fingerprint() const;

  AsofRule rule_;
  std::size_t slot_bytes_;
  Bytes states_;  // by key: the ring, its slots
  std::uint64_t unmatched_ = 0, missed_ = 0, evicted_ = 0;
};

}  // namespace millrace
