#pragma once

#include "millrace/kernels/kernel.h"

namespace millrace {

/// The time between two payments: a parameter, or where that is not given a column, which is null out of range.
inline double interval_seconds(Nanos parameter, double column) noexcept {
  if (parameter > 0) return static_cast<double>(parameter) / static_cast<double>(one_second);
  return column >= 1.0 && column <= 365.0 * 86'400.0 ? column : no_value;
}

}  // namespace millrace
