#pragma once

#include <cstddef>
#include <string>

#include "millrace/graph/feature_set.h"

namespace millrace {

/// "my.toml:3:17: `fast`: what is wrong", then the line of text and a caret below the place. `at` is a character of the
/// definition's expression; without a file the place is a line and column of the expression.
std::string complaint_text(const std::string& file, const Definition& definition, std::size_t at,
                           const std::string& what);

}  // namespace millrace
