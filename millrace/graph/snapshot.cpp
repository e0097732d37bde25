#include "millrace/graph/snapshot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "millrace/base/checksum.h"
#include "millrace/base/error.h"

namespace millrace {

namespace {

constexpr std::array<char, 4> magic{'M', 'R', 'S', '1'};

struct [[gnu::packed]] Header {
  std::array<char, 4> magic;
  std::uint16_t codec;
  std::uint16_t flags;
  std::uint64_t fingerprint;
  std::uint64_t topic;
  std::uint32_t partition;
  std::uint64_t next_offset;
  std::int64_t last_event;
};
static_assert(sizeof(Header) == 44);

struct [[gnu::packed]] Record {
  std::uint32_t number;
  std::uint16_t version;
  std::uint32_t parameter_hash;
  std::uint32_t length;
};
static_assert(sizeof(Record) == 14);

Record record_of(std::uint32_t number, const Region& region) {
  return {number, region.version, region.parameter_hash, static_cast<std::uint32_t>(region.bytes)};
}

/// Where the filled part of a history would lie outside its room, the bytes are not a state that ever was.
void check_histories(const Program& program, std::string_view key, const std::byte* state) {
  for (const Packing& packing : program.packings) {
    for (std::size_t i = 0; i < packing.depth.size(); ++i) {
      if (packing.depth[i] == 0) continue;
      std::uint64_t filled = 0, count = 0;
      std::memcpy(&filled, state + packing.history[i], sizeof filled);
      std::memcpy(&count, state + packing.state, sizeof count);
      if (filled > packing.depth[i] || filled > count) {
        fail(Fault::state, "snapshot of {}: a history of {} values does not fit its room of {}", key, filled,
             packing.depth[i]);
      }
    }
  }
}

}  // namespace

void write_snapshot(const Program& program, std::string_view key, std::uint64_t next_offset, const std::byte* state,
                    Bytes& out) {
  const std::size_t start = out.size();
  out.reserve(start + program.state_bytes + program.regions.size() * sizeof(Record) + key.size() + 128);
  ByteWriter writer(out);
  Nanos last = no_time;
  for (std::size_t leg = 0; leg < program.plan->legs.size(); ++leg) {
    InstrumentClock clock;
    std::memcpy(&clock, state + leg * sizeof clock, sizeof clock);
    last = std::max(last, clock.now);
  }
  writer.put(Header{magic, snapshot_codec, 0, program.plan->fingerprint, 0, 0, next_offset, last});
  writer.put_text(key);
  writer.put(static_cast<std::uint32_t>(program.regions.size()));
  for (std::uint32_t i = 0; i < program.regions.size(); ++i) {
    const Region& region = program.regions[i];
    writer.put(record_of(i, region));
    writer.put_bytes({state + region.offset, region.bytes});
  }
  writer.put(crc32c(std::span(out).subspan(start)));
}

std::uint64_t read_snapshot(const Program& program, std::string_view key, std::span<const std::byte> snapshot,
                            std::byte* state) {
  const auto refuse = [&](std::string_view reason) { fail(Fault::state, "snapshot of {}: {}", key, reason); };
  Header header{};
  ByteReader reader(snapshot);
  if (!reader.get(header) || snapshot.size() < sizeof(Header) + sizeof(std::uint32_t)) refuse("cut short");
  if (header.magic != magic) refuse("expected the mark MRS1");
  if (header.codec != snapshot_codec) refuse("written by another version of the codec");
  std::uint32_t crc = 0;
  std::memcpy(&crc, snapshot.data() + snapshot.size() - sizeof crc, sizeof crc);
  if (crc != crc32c(snapshot.first(snapshot.size() - sizeof crc))) refuse("damaged (checksum differs)");
  if (header.fingerprint != program.plan->fingerprint) refuse("made by another feature set or kernel version");
  const auto name = reader.get_text();
  std::uint32_t records = 0;
  if (!name || !reader.get(records)) refuse("cut short");
  if (*name != key) fail(Fault::state, "snapshot of {}: belongs to {}", key, *name);
  if (records != program.regions.size()) refuse("has another number of nodes");
  for (std::uint32_t i = 0; i < records; ++i) {
    Record record{}, expected = record_of(i, program.regions[i]);
    if (!reader.get(record)) refuse("cut short");
    if (std::memcmp(&record, &expected, sizeof record) != 0) refuse("a node has another version, parameters or size");
    const auto bytes = reader.get_bytes(record.length);
    if (!bytes) refuse("cut short");
    std::memcpy(state + program.regions[i].offset, bytes->data(), bytes->size());
  }
  if (reader.left() != sizeof crc) refuse("has bytes after its end");
  check_histories(program, key, state);
  return header.next_offset;
}

}  // namespace millrace
