#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "millrace/graph/plan.h"

namespace millrace {

/// The features that a projection of the output shows, in its order; none for an empty name, which projects nothing.
/// `live-22` is the predecessor's live row: `timestamp`, `symbol`, `price` and 19 columns of compat-27. An unknown name
/// and a plan that lacks one of the features are an Error(Fault::usage).
std::vector<std::string> features_of_projection(std::string_view name, const Plan& plan);

}  // namespace millrace
