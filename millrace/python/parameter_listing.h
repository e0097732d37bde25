#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>

#include "millrace/graph/parameters.h"

namespace millrace {

/// The title, the formula and what else a `Doc` says, by name.
nanobind::dict describe_doc(const Doc& doc, std::string_view family, int version);

/// (name, type, default, range, meaning) of each parameter.
nanobind::list list_parameters(std::span<const ParamInfo> params, const std::vector<ParameterText>& texts);

/// Parameters that Python gives as texts, as an expression would have them.
std::vector<Argument> arguments_of(const std::vector<std::pair<std::string, std::string>>& parameters);

/// Throws Error(Fault::config) with all that was wrong.
void fail_on(const std::vector<Complaint>& complaints);

}  // namespace millrace
