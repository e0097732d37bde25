#pragma once

#include <string>

#include "millrace/kernels/function.h"

namespace millrace {

/// "quantity, horizon -> kappa, holdings[], trades[]", many inputs cut short.
std::string call_of(const FunctionKernel& function);

/// Everything a user or a binding has to know of a function, as one JSON object.
std::string json_of(const FunctionKernel& function);

void print_one(const FunctionKernel& function);

}  // namespace millrace
