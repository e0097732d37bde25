#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "millrace/kernels/function.h"
#include "millrace/kernels/kernel.h"

namespace millrace {

/// Every kernel, family by family. What is not here does not exist for any command, page or binding.
std::span<const KernelInfo* const> all_kernels();

/// nullptr where there is no such kernel.
const KernelInfo* find_kernel(std::string_view name);

/// The same for kernels of scope `function`; a name may be in both (`twap`).
std::span<const FunctionKernel* const> all_function_kernels();
const FunctionKernel* find_function_kernel(std::string_view name);

}  // namespace millrace
