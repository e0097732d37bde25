#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "millrace/base/bytes.h"
#include "millrace/graph/program.h"

namespace millrace {

// One instrument's state as bytes, little endian (`spec/state.md` 2):
//
//   "MRS1"  codec u16  flags u16  fingerprint u64  topic u64  partition u32  next_offset u64  last_event i64
//   key length u16, key  records u32
//   records × { number u32  kernel version u16  parameter hash u32  length u32  bytes }
//   CRC32C u32 of all before it
//
// A record is a region of the state block: the clock, a kernel's state, a packing's count and histories, a repeated
// value.

inline constexpr std::uint16_t snapshot_codec = 1;

/// Appends the snapshot of a settled state block.
void write_snapshot(const Program& program, std::string_view key, std::uint64_t next_offset, const std::byte* state,
                    Bytes& out);

/// Fills a started state block. Throws Error(Fault::state) naming what does not fit; then `state` is not to be used.
std::uint64_t read_snapshot(const Program& program, std::string_view key, std::span<const std::byte> snapshot,
                            std::byte* state);

}  // namespace millrace
