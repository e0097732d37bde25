#include <algorithm>

#include <fmt/format.h>

#include "millrace/asof/seal.h"
#include "millrace/asof/streaming.h"
#include "millrace/base/checksum.h"

// The part of a snapshot by time:
//
//   for each side: partitions × latest time i64, has ended u8
//   floor i64  asof_late_right u64  late_left u64  unmatched u64  evicted u64
//   waiting u64 × { time i64  key u32  is late u8  slot }      in their order
//   retained u64 × { key u32  time i64  seq i64  slot }        by key, time and seq

namespace millrace {

std::uint64_t AsofJoinStreaming::fingerprint() const {
  const AsofStreamOptions& o = options_;
  return fnv1a(fmt::format("{} {} {} {} {} {} {} {} {} {}", static_cast<int>(o.rule.direction), o.rule.is_strict,
                           o.rule.tolerance_ns, o.max_lookback_ns, o.allowed_lateness_ns, o.left_partitions,
                           o.right_partitions, o.left_slot_bytes, o.right_slot_bytes,
                           o.flags_at.value_or(o.left_slot_bytes)));
}

void AsofJoinStreaming::snapshot(Bytes& out) {
  prune();
  index_.settle();
  const std::size_t start = out.size();
  begin_snapshot(AsofSnapshot::by_time, fingerprint(), out);
  ByteWriter writer(out);
  for (const Watermark* mark : {&left_mark_, &right_mark_}) {
    for (const Nanos time : mark->seen()) writer.put(time);
    writer.put(static_cast<std::uint8_t>(mark->has_ended()));
  }
  writer.put(floor_);
  for (const std::uint64_t count : {late_right_, late_left_, unmatched_, evicted_}) writer.put(count);
  writer.put(static_cast<std::uint64_t>(pending_.size()));
  for (const Left& row : pending_) {
    writer.put(row.time);
    writer.put(row.key);
    writer.put(static_cast<std::uint8_t>(row.is_late));
    writer.put_bytes(left_slots_[row.slot]);
  }
  writer.put(static_cast<std::uint64_t>(index_.rows()));
  index_.for_each([&](KeyNumber key, const Run& run, std::size_t i) {
    writer.put(key);
    writer.put(run.times()[i]);
    writer.put(run.seq(i));
    writer.put_bytes(right_slots_[run.row(i)]);
  });
  seal_snapshot(start, out);
}

void AsofJoinStreaming::restore(std::span<const std::byte> snapshot) {
  AsofJoinStreaming restored(options_);
  ByteReader reader(open_snapshot(AsofSnapshot::by_time, fingerprint(), snapshot));
  restored.read(reader);
  *this = std::move(restored);
}

void AsofJoinStreaming::read(ByteReader& reader) {
  const auto get = [&](auto& value) {
    if (!reader.get(value)) refuse_snapshot("cut short");
  };
  const auto get_slot = [&](Slots& slots) {
    const auto bytes = reader.get_bytes(slots.slot_bytes());
    if (!bytes) refuse_snapshot("cut short");
    return slots.add(*bytes);
  };
  for (Watermark* mark : {&left_mark_, &right_mark_}) {
    std::uint8_t has_ended = 0;
    for (std::size_t i = 0; i < mark->partitions(); ++i) {
      Nanos time = no_time;
      get(time);
      mark->see(i, time);
    }
    get(has_ended);
    if (has_ended != 0) mark->finish();
  }
  get(floor_);
  for (std::uint64_t* count : {&late_right_, &late_left_, &unmatched_, &evicted_}) get(*count);
  std::uint64_t waiting = 0, retained = 0;
  get(waiting);
  if (waiting > options_.most_pending) refuse_snapshot("has more waiting rows than may wait");
  for (std::uint64_t i = 0; i < waiting; ++i) {
    Left row{};
    std::uint8_t is_late = 0;
    get(row.time);
    get(row.key);
    get(is_late);
    row.is_late = is_late != 0;
    row.slot = get_slot(left_slots_);
    push_left(row);
  }
  get(retained);
  if (retained > options_.most_retained) refuse_snapshot("has more rows than may be retained");
  for (std::uint64_t i = 0; i < retained; ++i) {
    KeyNumber key = no_key;
    Run::Row row{};
    get(key);
    get(row.time);
    get(row.seq);
    if (key >= options_.most_keys || row.time == no_time) refuse_snapshot("has a row without a key or a time");
    row.row = get_slot(right_slots_);
    index_.add_one(key, row);
  }
  if (reader.left() != 0) refuse_snapshot("has bytes after its end");
  pruned_to_ = floor_;
}

}  // namespace millrace
