#include "millrace/asof/streaming.h"

#include <algorithm>
#include <cstring>

#include "millrace/asof/seal.h"
#include "millrace/base/checksum.h"
#include "millrace/base/error.h"

namespace millrace {

namespace {

constexpr std::uint32_t late_bit = 1U << 2U;  // of the column `flags`

std::span<const std::byte> slot_of(std::span<const std::byte> slots, std::size_t i, std::size_t slot_bytes) {
  return slots.subspan(i * slot_bytes, slot_bytes);
}

void check_slots(const AsofRows& rows, std::span<const std::byte> slots, std::size_t slot_bytes) {
  if (slots.size() == rows.size() * slot_bytes) return;
  fail(Fault::config, "asof: expected {} bytes for {} rows, was {}", rows.size() * slot_bytes, rows.size(),
       slots.size());
}

}  // namespace

AsofJoinStreaming::AsofJoinStreaming(const AsofStreamOptions& options)
    : options_(options),
      left_mark_(options.left_partitions, options.allowed_lateness_ns),
      right_mark_(options.right_partitions, options.allowed_lateness_ns),
      left_slots_(options.left_slot_bytes),
      right_slots_(options.right_slot_bytes) {
  const std::uint64_t tolerance = options.rule.tolerance_ns;
  if (tolerance != no_tolerance && options.max_lookback_ns < tolerance) {
    fail(Fault::config, "asof: max_lookback: expected at least the tolerance of {} ns, was {} ns", tolerance,
         options.max_lookback_ns);
  }
  if (options.left_partitions == 0 || options.right_partitions == 0) {
    fail(Fault::config, "asof: expected at least one partition on each side");
  }
  if (options.flags_at && *options.flags_at + sizeof late_bit > options.left_slot_bytes) {
    fail(Fault::config, "asof: expected flags within the {} bytes of a left row, were at {}", options.left_slot_bytes,
         *options.flags_at);
  }
}

void AsofJoinStreaming::check(std::size_t partition, std::size_t partitions, KeyNumber key) const {
  if (partition >= partitions)
    fail(Fault::config, "asof: expected a partition below {}, was {}", partitions, partition);
  if (key != no_key && key >= options_.most_keys) {
    fail(Fault::config, "asof: expected at most {} keys, was key number {}", options_.most_keys, key);
  }
}

std::size_t AsofJoinStreaming::add_left(const AsofRows& rows, std::span<const std::byte> slots, JoinedRows& out,
                                        std::size_t partition) {
  check_slots(rows, slots, options_.left_slot_bytes);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Nanos time = rows.times[i];
    check(partition, left_mark_.partitions(), rows.key(i));
    if (pending_.size() >= options_.most_pending) return i;
    const bool is_late = time != no_time && time < left_mark_.value();
    const std::int64_t slot = left_slots_.add(slot_of(slots, i, options_.left_slot_bytes));
    if (is_late) {
      ++late_left_;
      if (options_.flags_at) {
        std::byte* at = left_slots_[slot].data() + *options_.flags_at;
        std::uint32_t flags = 0;
        std::memcpy(&flags, at, sizeof flags);
        flags |= late_bit;
        std::memcpy(at, &flags, sizeof flags);
      }
    }
    push_left({time, rows.key(i), is_late, slot});
    if (time != no_time) left_mark_.see(partition, time);
    emit_ready(out);
  }
  return rows.size();
}

std::size_t AsofJoinStreaming::add_right(const AsofRows& rows, std::span<const std::byte> slots, JoinedRows& out,
                                         std::size_t partition) {
  check_slots(rows, slots, options_.right_slot_bytes);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Nanos time = rows.times[i];
    check(partition, right_mark_.partitions(), rows.key(i));
    if (index_.rows() >= std::min(prune_at_, options_.most_retained)) prune();
    if (index_.rows() >= options_.most_retained) return i;
    if (time == no_time) continue;
    if (time < right_mark_.value()) {
      ++late_right_;
    } else if (rows.key(i) != no_key) {
      const std::int64_t slot = right_slots_.add(slot_of(slots, i, options_.right_slot_bytes));
      index_.add_one(rows.key(i), {time, rows.seq(i), slot});
    }
    right_mark_.see(partition, time);
    emit_ready(out);
  }
  return rows.size();
}

void AsofJoinStreaming::heartbeat_left(Nanos time, JoinedRows& out, std::size_t partition) {
  check(partition, left_mark_.partitions(), no_key);
  left_mark_.see(partition, time);
  emit_ready(out);
}

void AsofJoinStreaming::heartbeat_right(Nanos time, JoinedRows& out, std::size_t partition) {
  check(partition, right_mark_.partitions(), no_key);
  right_mark_.see(partition, time);
  emit_ready(out);
}

void AsofJoinStreaming::finish_left(JoinedRows& out) {
  left_mark_.finish();
  emit_ready(out);
}

void AsofJoinStreaming::finish_right(JoinedRows& out) {
  right_mark_.finish();
  emit_ready(out);
}

void AsofJoinStreaming::push_left(const Left& row) {
  if (row.time != no_time) {
    while (!oldest_.empty() && oldest_.back().second >= row.time) oldest_.pop_back();
    oldest_.emplace_back(next_pending_, row.time);
  }
  pending_.push_back(row);
  ++next_pending_;
}

bool AsofJoinStreaming::is_ready(const Left& row) {
  return right_mark_.has_ended() || index_.is_certain(row.key, row.time, options_.rule, right_mark_.value(), cursors_);
}

void AsofJoinStreaming::emit_ready(JoinedRows& out) {
  while (!pending_.empty() && is_ready(pending_.front())) {
    const Left row = pending_.front();
    if (row.is_late) prune();  // what is forgotten by rule may still be in memory
    emit(row, out);
    left_slots_.free(row.slot);
    pending_.pop_front();
    if (!oldest_.empty() && oldest_.front().first == first_pending_) oldest_.pop_front();
    ++first_pending_;
    raise_floor();
  }
  raise_floor();
}

void AsofJoinStreaming::emit(const Left& row, JoinedRows& out) {
  AsofIndex::Found found;
  if (row.key != no_key) {
    const auto sides = index_.find(row.key, row.time, options_.rule, cursors_);
    found = AsofIndex::choose(sides, row.time, options_.rule.tolerance_ns);
  }
  const auto left = left_slots_[row.slot];
  out.left_times.push_back(row.time);
  out.right_times.push_back(found.time);
  out.left.insert(out.left.end(), left.begin(), left.end());
  out.right.resize(out.right.size() + options_.right_slot_bytes);
  out.is_late.push_back(static_cast<std::uint8_t>(row.is_late));
  if (found.row == no_row) {
    ++unmatched_;
    return;
  }
  const auto right = right_slots_[found.row];
  std::copy(right.begin(), right.end(), out.right.end() - static_cast<std::ptrdiff_t>(right.size()));
}

/// Left rows to come and those that wait are at or after `first`, late ones apart.
void AsofJoinStreaming::raise_floor() {
  Nanos first = left_mark_.value();
  if (!oldest_.empty()) first = std::min(first, oldest_.front().second);
  if (first == no_time) return;
  floor_ = std::max(floor_, earlier(first, std::min(options_.rule.tolerance_ns, options_.max_lookback_ns)));
}

void AsofJoinStreaming::prune() {
  if (floor_ > pruned_to_) {
    dropped_.clear();
    index_.prune(floor_, options_.rule.tolerance_ns == no_tolerance, &dropped_);
    for (const std::int64_t slot : dropped_) right_slots_.free(slot);
    evicted_ += dropped_.size();
    pruned_to_ = floor_;
  }
  constexpr std::size_t few = 4096;
  prune_at_ = 2 * index_.rows() + index_.key_room() + few;
}

AsofJoinStreaming::Stats AsofJoinStreaming::stats() {
  prune();
  return {.rows = index_.rows(),
          .bytes = index_.bytes() + right_slots_.bytes() + left_slots_.bytes(),
          .keys = index_.keys(),
          .pending = pending_.size(),
          .asof_late_right = late_right_,
          .late_left = late_left_,
          .unmatched = unmatched_,
          .evicted = evicted_};
}

}  // namespace millrace
