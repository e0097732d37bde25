#pragma once

#include <vector>

#include "millrace/graph/parameters.h"
#include "millrace/kernels/function.h"

namespace millrace {

/// `read_parameters` for a kernel of scope `function`: the same table, ranges and messages. A whole number whose
/// default is out of its range has to be given.
Parameters read_parameters(const FunctionKernel& function, std::size_t at, const std::vector<Argument>& arguments,
                           std::vector<Complaint>& complaints);

std::vector<ParameterText> describe_parameters(const FunctionKernel& function);

}  // namespace millrace
