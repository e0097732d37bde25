#include "millrace/engine/state_file.h"

#include "millrace/engine/state_bytes.h"
#include "millrace/io/whole_file.h"

namespace millrace {

void save_state(const std::string& path, const Instruments& instruments, const Door& door, const CrossGraph& graph,
                std::uint64_t rows) {
  write_whole_file(path, write_state(instruments, door, graph, rows));
}

void load_state(const std::string& path, Instruments& instruments, Door& door, CrossGraph& graph) {
  read_state(read_whole_file(path), path, instruments, door, graph);
}

}  // namespace millrace
