#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "millrace/base/bytes.h"

namespace millrace {

// A join's state as bytes, little endian:
//
//   "MRA1"  codec u16  kind u16  fingerprint u64
//   the kind's own part
//   CRC32C u32 of all before it

inline constexpr std::uint16_t asof_snapshot_codec = 1;
enum class AsofSnapshot : std::uint16_t { by_time = 1, by_log = 2 };

/// Appends the head; the kind's own part comes next. `fingerprint` is of all options that the state depends on.
void begin_snapshot(AsofSnapshot kind, std::uint64_t fingerprint, Bytes& out);

/// Ends what began at `start` with its checksum.
void seal_snapshot(std::size_t start, Bytes& out);

/// The kind's own part. Throws Error(Fault::state) naming what does not fit.
std::span<const std::byte> open_snapshot(AsofSnapshot kind, std::uint64_t fingerprint,
                                         std::span<const std::byte> snapshot);

[[noreturn]] void refuse_snapshot(std::string_view reason);

}  // namespace millrace
