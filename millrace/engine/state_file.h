#pragma once

#include <string>

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

/// Writes the file in one step: it is the old one or the new one, never half of it.
void save_state(const std::string& path, const Instruments& instruments, const Door& door, CrossGraph& graph,
                std::uint64_t rows);

/// Throws Error(Fault::state) naming the file and what does not fit; nothing is taken from it then.
void load_state(const std::string& path, Instruments& instruments, Door& door, CrossGraph& graph);

}  // namespace millrace
