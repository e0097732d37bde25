#pragma once

#include <string_view>

namespace millrace {

/// Returns commit, compiler and flags of this build in one line, as written into the files it makes.
std::string_view build_id();

}  // namespace millrace
