#pragma once

#include "tests/kernels/naive.h"

/// Definitions without memory: one row in, one row out.
namespace millrace::testing::naive {

/// The outputs for inputs `x`, or nothing where another file defines the kernel.
inline Reals formula(std::string_view name, const Arguments&, const Reals& x) {
  if (name == "signed_volume") return {x[0] == 0 ? null : x[0] * x[1]};
  if (name == "book_state") {
    if (std::isnan(x[0] + x[1])) return {3};
    return {x[0] == x[1] ? 1.0L : x[0] > x[1] ? 2.0L : 0.0L};
  }
  return {};
}

}  // namespace millrace::testing::naive
