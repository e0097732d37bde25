#pragma once

#include <vector>

#include "millrace/graph/feature_set.h"

namespace millrace {

/// Adds a leg, or says anew which instrument it is.
void put_leg(std::vector<Leg>& legs, Leg leg);

/// Features of what a file uses are parts of expressions, no columns.
void make_names(FeatureSet& base);

/// Puts what a file says over what it extends: definitions of a name replace earlier ones in their place. A feature
/// also takes the place of a let of its name: then it is computed and shown.
void extend(FeatureSet& base, FeatureSet file);

}  // namespace millrace
