#pragma once

#include <arrow/type_fwd.h>

namespace millrace {

/// Where Arrow takes its memory: jemalloc where this Arrow has it. It gives back what a row group needed, so that a run
/// of listed-36 peaks at two thirds of what the default pool holds.
arrow::MemoryPool* arrow_memory();

}  // namespace millrace
