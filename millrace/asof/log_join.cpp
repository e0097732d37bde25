#include "millrace/asof/log_join.h"

#include <algorithm>

#include "millrace/asof/seal.h"
#include "millrace/base/checksum.h"
#include "millrace/base/error.h"

namespace millrace {

StreamingAsofJoinKernel::StreamingAsofJoinKernel(const AsofRule& rule, std::size_t slot_bytes)
    : rule_(rule), slot_bytes_(slot_bytes) {
  if (rule.direction != Direction::backward) {
    fail(Fault::config, "asof: order=log: expected direction backward, was {}",
         rule.direction == Direction::forward ? "forward" : "nearest");
  }
}

/// States lie at multiples of 8 bytes in memory that is aligned for anything, and hold bytes of rings alone.
const LogRing& StreamingAsofJoinKernel::ring(KeyNumber key) const {
  return *reinterpret_cast<const LogRing*>(states_.data() + key * stride());
}

void StreamingAsofJoinKernel::on_right(KeyNumber key, Nanos time, std::int64_t seq, std::span<const std::byte> slot) {
  if (key == no_key || time == no_time) return;
  if (key >= most_keys) fail(Fault::config, "asof: expected at most {} keys, was key number {}", most_keys, key);
  if (slot.size() != slot_bytes_) {
    fail(Fault::config, "asof: expected {} bytes for a row, was {}", slot_bytes_, slot.size());
  }
  if (key >= keys()) states_.resize((std::size_t{key} + 1) * stride());  // zeros are an empty ring
  std::byte* const state = states_.data() + key * stride();
  LogRing& ring = *reinterpret_cast<LogRing*>(state);
  evicted_ += static_cast<std::uint64_t>(ring.count == LogRing::room);
  const std::size_t at = ring.insert(time, seq);
  if (at < LogRing::room) std::copy(slot.begin(), slot.end(), state + sizeof ring + at * slot_bytes_);
}

StreamingAsofJoinKernel::Match StreamingAsofJoinKernel::on_left(KeyNumber key, Nanos time) {
  if (key < keys() && time != no_time) {
    const LogRing& ring = this->ring(key);
    const std::size_t slot = ring.find(time, rule_.is_strict);
    if (slot == LogRing::room) {
      missed_ += ring.has_discarded;
    } else if (distance_ns(time, ring.times[slot]) <= rule_.tolerance_ns) {
      const std::size_t at = key * stride() + sizeof ring + slot * slot_bytes_;
      return {ring.times[slot], std::span(states_).subspan(at, slot_bytes_)};
    }
  }
  ++unmatched_;
  return {};
}

StreamingAsofJoinKernel::Stats StreamingAsofJoinKernel::stats() const {
  Stats stats{.bytes = states_.capacity(), .unmatched = unmatched_, .missed = missed_, .evicted = evicted_};
  for (KeyNumber key = 0; key < keys(); ++key) {
    const std::size_t rows = ring(key).count;
    stats.rows += rows;
    stats.keys += static_cast<std::size_t>(rows > 0);
  }
  return stats;
}

std::uint64_t StreamingAsofJoinKernel::fingerprint() const {
  return fnv1a(fmt::format("{} {} {}", rule_.is_strict, rule_.tolerance_ns, slot_bytes_));
}

// The part of a snapshot by log: unmatched u64  missed u64  evicted u64, and for each key its ring and slots.

void StreamingAsofJoinKernel::snapshot(Bytes& out) const {
  const std::size_t start = out.size();
  begin_snapshot(AsofSnapshot::by_log, fingerprint(), out);
  ByteWriter writer(out);
  for (const std::uint64_t count : {unmatched_, missed_, evicted_}) writer.put(count);
  writer.put_bytes(states_);
  seal_snapshot(start, out);
}

void StreamingAsofJoinKernel::restore(std::span<const std::byte> snapshot) {
  StreamingAsofJoinKernel restored(rule_, slot_bytes_);
  ByteReader reader(open_snapshot(AsofSnapshot::by_log, fingerprint(), snapshot));
  for (std::uint64_t* count : {&restored.unmatched_, &restored.missed_, &restored.evicted_}) {
    if (!reader.get(*count)) refuse_snapshot("cut short");
  }
  if (reader.left() % stride() != 0) refuse_snapshot("cut short");
  const auto states = *reader.get_bytes(reader.left());
  restored.states_.assign(states.begin(), states.end());
  if (restored.keys() > most_keys) refuse_snapshot("has more keys than there may be");
  for (KeyNumber key = 0; key < restored.keys(); ++key) {
    if (!restored.ring(key).is_sound()) refuse_snapshot("has a ring that no rows lead to");
  }
  *this = std::move(restored);
}

}  // namespace millrace
