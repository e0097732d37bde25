#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "millrace/kernels/fees.h"

namespace millrace {

/// Reads "10" or "10,10,7.5": numbers from `lowest` to `highest`; else nothing.
std::optional<Fees> parse_fees(std::string_view text, double lowest, double highest);

/// As `parse_fees` reads it.
std::string text_of(const Fees& fees);

}  // namespace millrace
