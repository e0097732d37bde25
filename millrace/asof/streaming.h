#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "millrace/asof/index.h"
#include "millrace/asof/slots.h"
#include "millrace/asof/watermark.h"
#include "millrace/base/bytes.h"

namespace millrace {

struct AsofStreamOptions {
  AsofRule rule;
  std::uint64_t max_lookback_ns = 300'000'000'000;  // at least the tolerance, where there is one
  std::uint64_t allowed_lateness_ns = 0;
  std::size_t left_partitions = 1, right_partitions = 1;
  std::size_t left_slot_bytes = 0, right_slot_bytes = 0;  // of a row's other columns, whatever they are
  std::optional<std::size_t> flags_at;                    // of the u32 `flags` in a left slot; late rows set its bit 2
  std::size_t most_pending = 1 << 20;                     // left rows that wait
  std::size_t most_retained = 1 << 24;                    // right rows
  std::size_t most_keys = 1 << 20;
};

/// Left rows in their order with what they were joined to, in columns; the caller empties it.
struct JoinedRows {
  std::vector<Nanos> left_times, right_times;  // right: no_time = no match
  Bytes left, right;                           // slots; zeros where there is no match
  std::vector<std::uint8_t> is_late;           // the left row came behind its watermark

  std::size_t size() const { return left_times.size(); }
};

/// Joins two streams in the order of time (asof_join_streaming). A left row is handed out once no right row that could
/// change its match can come any more, and never before the left rows in front of it. What that depends on are the
/// rows' times, not when they arrive: any interleaving within the allowed lateness gives the same rows.
class AsofJoinStreaming {
 public:
  struct Stats {
    std::size_t rows = 0, bytes = 0, keys = 0;  // retained right rows
    std::size_t pending = 0;                    // left rows
    std::uint64_t asof_late_right = 0;          // dropped
    std::uint64_t late_left = 0, unmatched = 0, evicted = 0;
  };

  explicit AsofJoinStreaming(const AsofStreamOptions& options);

  /// Take rows and their slots, one after the other; say how many. Fewer than all where a limit is reached: the other
  /// side has to go on first. What is ready is appended to `out`.
  std::size_t add_left(const AsofRows& rows, std::span<const std::byte> slots, JoinedRows& out,
                       std::size_t partition = 0);
  std::size_t add_right(const AsofRows& rows, std::span<const std::byte> slots, JoinedRows& out,
                        std::size_t partition = 0);

  /// Tell the time of a partition that has no rows.
  void heartbeat_left(Nanos time, JoinedRows& out, std::size_t partition = 0);
  void heartbeat_right(Nanos time, JoinedRows& out, std::size_t partition = 0);

  /// No more rows will come.
  void finish_left(JoinedRows& out);
  void finish_right(JoinedRows& out);

  Stats stats();

  /// Equal states give equal bytes. `restore` throws Error(Fault::state) and leaves the join as it was.
  void snapshot(Bytes& out);
  void restore(std::span<const std::byte> snapshot);

 private:
  struct Left {
    Nanos time;
    KeyNumber key;
    bool is_late;
    std::int64_t slot;
  };

  void check(std::size_t partition, std::size_t partitions, KeyNumber key) const;
  void push_left(const Left& row);
  bool is_ready(const Left& row);
  void emit_ready(JoinedRows& out);
  void emit(const Left& row, JoinedRows& out);
  void raise_floor();
  void prune();
  std::uint64_t fingerprint() const;
  void read(ByteReader& reader);

  AsofStreamOptions options_;
  Watermark left_mark_, right_mark_;
  AsofIndex index_;
  AsofIndex::Cursors cursors_;
  Slots left_slots_, right_slots_;
  std::deque<Left> pending_;
  // Times of pending rows that no later one undercuts, with their ordinals: the first is the oldest.
  std::deque<std::pair<std::uint64_t, Nanos>> oldest_;
  std::uint64_t first_pending_ = 0, next_pending_ = 0;  // ordinals
  Nanos floor_ = no_time;                               // right rows before it are forgotten
  Nanos pruned_to_ = no_time;
  std::size_t prune_at_ = 0;  // rows
  std::vector<std::int64_t> dropped_;
  std::uint64_t late_right_ = 0, late_left_ = 0, unmatched_ = 0, evicted_ = 0;
};

}  // namespace millrace
