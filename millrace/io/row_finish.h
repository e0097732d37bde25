#pragma once

#include <cstddef>

#include "millrace/chunk/chunk.h"
#include "millrace/io/layout.h"

namespace millrace {

/// Completes rows [at, end of the chunk) once the fields of a file are read into them: columns that the file lacks
/// become "no value", a row without a kind gets the implied one, and what a layout leaves to be computed is computed.
/// REQUIRES: `chunk.place` and the bound columns are filled.
void finish_rows(const BoundLayout& bound, Chunk& chunk, std::size_t at);

}  // namespace millrace
