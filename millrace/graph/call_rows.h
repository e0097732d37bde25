#pragma once

#include <string_view>
#include <vector>

#include "millrace/graph/kernel_call.h"
#include "millrace/graph/parameters.h"

/// What calls over arrays that do not go through a graph share: of bars and of universes.
namespace millrace {

/// Where each input of the kernel stands in `given`; -1: left out. Throws Error(Fault::config) where a required one is
/// missing.
std::vector<int> places_of_inputs(const KernelInfo& kernel, const std::vector<std::string_view>& given);

/// As an expression would have them, but without nan_policy=reset. Throws Error(Fault::config) with all that is wrong.
Parameters read_call_parameters(const KernelInfo& kernel, const std::vector<Argument>& arguments);

/// Throws Error(Fault::input) where columns have other lengths than `rows.count`, or a time is missing or before 1970.
void check_rows(const KernelInfo& kernel, const std::vector<std::string_view>& inputs, const KernelRows& rows);

}  // namespace millrace
