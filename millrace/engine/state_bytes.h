#pragma once

#include <span>
#include <string>

#include "millrace/base/bytes.h"
#include "millrace/chunk/door.h"
#include "millrace/graph/cross_graph.h"

namespace millrace {

// Everything a run knows about its instruments at the end of its input, so that the next run goes on as if there had
// been one (little endian):
//
//   "MRSF"  version u16  instruments u32  rows u64
//   instruments × { venue, symbol (length u16, text)  MarketState  length u32, snapshot (graph/snapshot.h) }
//   length u32, what the features over several instruments know (graph/cross_state.cpp); 0 of a plain feature set
//   CRC32C u32 of all before it

Bytes write_state(const Instruments& instruments, const Door& door, const CrossGraph& graph, std::uint64_t rows);

/// Returns the rows it was written with. Throws Error(Fault::state) naming `where` and what does not fit; then neither
/// is to be used.
std::uint64_t read_state(std::span<const std::byte> bytes, const std::string& where, Instruments& instruments,
                         Door& door, CrossGraph& graph);

}  // namespace millrace
