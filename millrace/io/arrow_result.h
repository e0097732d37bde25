#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <arrow/result.h>
#include <arrow/status.h>

#include "millrace/base/error.h"

namespace millrace {

/// Turns Arrow's failures into the one Error. `where` names the file.
inline void check(const arrow::Status& status, Fault fault, std::string_view where) {
  if (!status.ok()) fail(fault, "{}: {}", where, status.message());
}

template <class T>
T take(arrow::Result<T>&& result, Fault fault, std::string_view where) {
  check(result.status(), fault, where);
  return std::move(result).ValueUnsafe();
}

}  // namespace millrace
