#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "millrace/asof/log_join.h"
#include "millrace/asof/streaming.h"
#include "millrace/base/bytes.h"
#include "millrace/base/checksum.h"
#include "millrace/base/error.h"

namespace {

using namespace millrace;

constexpr std::size_t slot_bytes = 4;

struct Rows {
  std::vector<Nanos> times{1, 5, 5, 9};
  std::vector<KeyNumber> keys{0, 1, 0, 2};
  std::vector<std::int64_t> seqs{4, 3, no_seq, 1};
  std::vector<std::byte> slots = std::vector<std::byte>(4 * slot_bytes);

  AsofRows rows() const { return {times, keys, seqs}; }
};

AsofJoinStreaming stream() {
  AsofStreamOptions options{.rule = {.direction = Direction::nearest, .tolerance_ns = 6}};
  options.allowed_lateness_ns = 2;
  options.left_slot_bytes = options.right_slot_bytes = slot_bytes;
  options.most_keys = 1024;
  return AsofJoinStreaming(options);
}

StreamingAsofJoinKernel log() { return {{.tolerance_ns = 6}, slot_bytes}; }

/// Goes on with what was restored, so that a state that is not sound is met.
void go_on(AsofJoinStreaming& join, const Rows& rows) {
  JoinedRows out;
  join.add_right(rows.rows(), rows.slots, out);
  join.add_left(rows.rows(), rows.slots, out);
  join.finish_right(out);
  Bytes again;
  join.snapshot(again);
}

void go_on(StreamingAsofJoinKernel& join, const Rows& rows) {
  for (std::size_t i = 0; i < rows.times.size(); ++i) {
    join.on_right(rows.keys[i], rows.times[i], rows.seqs[i], std::span(rows.slots).first(slot_bytes));
    join.on_left(rows.keys[i], rows.times[i]);
  }
  Bytes again;
  join.snapshot(again);
}

template <class Join>
void try_to_restore(Join join, std::span<const std::byte> changes, bool is_damage, bool is_sealed) {
  const Rows rows;
  Bytes bytes(changes.begin(), changes.end());
  if (is_damage) {
    bytes.clear();
    go_on(join, rows);
    join.snapshot(bytes);
    for (; changes.size() >= 3; changes = changes.subspan(3)) {  // place, place, value; beyond the end: cut short
      const std::size_t place =
          std::to_integer<std::size_t>(changes[0]) << 8U | std::to_integer<std::size_t>(changes[1]);
      if (place < bytes.size()) {
        bytes[place] = changes[2];
      } else {
        bytes.resize(bytes.size() - bytes.size() / 8);
      }
    }
  }
  if (is_sealed && bytes.size() >= 4) {
    const std::uint32_t crc = crc32c(std::span(bytes).first(bytes.size() - 4));
    std::memcpy(bytes.data() + bytes.size() - 4, &crc, sizeof crc);
  }
  try {
    join.restore(bytes);
    go_on(join, rows);
  } catch (const Error& error) {
    if (error.fault() != Fault::state) throw;
  }
}

}  // namespace

/// Any bytes are a state that can go on, or one Error(Fault::state). Bits of the first byte: 1 = with a right checksum,
/// 2 = the rest damages a sound snapshot, 4 = of a join by log.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto rest = std::as_bytes(std::span(data, size)).subspan(1);
  const bool is_sealed = (data[0] & 1U) != 0, is_damage = (data[0] & 2U) != 0;
  if ((data[0] & 4U) != 0) {
    try_to_restore(log(), rest, is_damage, is_sealed);
  } else {
    try_to_restore(stream(), rest, is_damage, is_sealed);
  }
  return 0;
}
