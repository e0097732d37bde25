#pragma once

#include "millrace/kernels/numerics/log_ratio.h"

namespace millrace {

/// What a bar must be to count as an observation (`kernels.md` 7). Another one is like a null: the kernel that meets it
/// answers null and leaves its state alone.
inline bool is_range(double high, double low) noexcept { return low > 0.0 && low <= high; }
inline bool is_bar(double open, double high, double low, double close) noexcept {
  return is_range(high, low) && low <= open && open <= high && low <= close && close <= high;
}

/// Rogers and Satchell's variance of one bar, free of its drift.
inline double rogers_satchell(double open, double high, double low, double close) noexcept {
  return log_ratio(high, close) * log_ratio(high, open) + log_ratio(low, close) * log_ratio(low, open);
}

}  // namespace millrace
