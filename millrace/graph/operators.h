#pragma once

#include <cstddef>
#include <string_view>

#include "millrace/graph/expression.h"

namespace millrace {

std::string_view name_of(Operator op);

/// Computes `rows` values of a stateless operator. Any null operand gives null, and so does every result that is not a
/// finite number: a division by zero, a root or logarithm outside its domain. Not for time_of_day.
void apply(Operator op, const double* const* operands, double* out, std::size_t rows);

}  // namespace millrace
