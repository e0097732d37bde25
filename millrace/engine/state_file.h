#pragma once

#include <string>

#include "millrace/chunk/door.h"
#include "millrace/graph/cross_graph.h"

namespace millrace {

/// Writes a file of `state_bytes.h` in one step: it is the old one or the new one, never half of it.
void save_state(const std::string& path, const Instruments& instruments, const Door& door, const CrossGraph& graph,
                std::uint64_t rows);

/// Throws Error(Fault::state) naming the file and what does not fit; nothing is taken from it then.
void load_state(const std::string& path, Instruments& instruments, Door& door, CrossGraph& graph);

}  // namespace millrace
