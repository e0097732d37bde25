#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "millrace/kernels/kernel.h"

namespace millrace {

/// Every kernel, family by family. What is not here does not exist for any command, page or binding.
std::span<const KernelInfo* const> all_kernels();

/// nullptr where there is no such kernel.
const KernelInfo* find_kernel(std::string_view name);

}  // namespace millrace
