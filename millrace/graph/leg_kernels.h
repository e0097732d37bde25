#pragma once

#include "millrace/kernels/kernel.h"

namespace millrace {

/// `asof(leg.column, tolerance=500ms)` and `grid(x, every=10s)`: kernels of the graph itself, which bring the values of
/// one leg to the rows of others. nullptr for other names.
const KernelInfo* find_leg_kernel(std::string_view name);

}  // namespace millrace
