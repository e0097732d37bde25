#pragma once

#include <string>
#include <string_view>

#include "millrace/kernels/function.h"

namespace millrace {

/// Calls a function with inputs and parameters by name, `{"quantity": 1e6, "slices": 5, …}`, and gives its outputs the
/// same way. A vector is a list, a matrix a list of its rows, no value null; times are nanoseconds or RFC 3339; sides
/// "buy", "sell", 1 or -1. Throws Error(Fault::usage) on text that is no JSON, Error(Fault::config) on what it says.
std::string call_with_json(const FunctionKernel& function, std::string_view json);

}  // namespace millrace
