#pragma once

#include <string>
#include <utility>

#include <arrow/result.h>
#include <arrow/status.h>

#include "millrace/base/error.h"

namespace millrace {

/// The one place where Arrow's errors become ours. `what` names the file, and what was tried with it.
inline void check(const arrow::Status& status, Fault fault, const std::string& what) {
  if (!status.ok()) fail(fault, "{}: {}", what, status.message());
}

template <class T>
T take(arrow::Result<T>&& result, Fault fault, const std::string& what) {
  check(result.status(), fault, what);
  return std::move(result).ValueUnsafe();
}

}  // namespace millrace
