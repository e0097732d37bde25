#pragma once

#include <string>

#include "millrace/engine/sweep.h"

namespace millrace {

/// A sweep as one page that needs nothing else: a table of the trials that sorts, a heat map of the first two axes, and
/// the folds of the walk forward.
std::string sweep_html(const SweepResult& result);

}  // namespace millrace
