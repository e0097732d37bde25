#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "millrace/kernels/shares.h"

namespace millrace {

/// Reads "5:0.2,10:0.8": numbers from `lowest` to `highest`, shares above 0 whose sum is 1 up to 1e-9; else nothing.
std::optional<Shares> parse_shares(std::string_view text, double lowest, double highest);

/// The same again, without blanks and with the shortest numbers.
std::string text_of(const Shares& shares);

}  // namespace millrace
