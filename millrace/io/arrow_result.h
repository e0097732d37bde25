#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <arrow/result.h>
#include <arrow/status.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"

namespace millrace {

/// A foreign message as part of ours: one line, no bytes that a terminal would act on.
inline std::string one_line(std::string_view text) {
  std::string line(trimmed(text));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return line;
}

/// Turns Arrow's failures into the one Error. `where` names the file.
inline void check(const arrow::Status& status, Fault fault, std::string_view where) {
  if (status.ok()) return;
  const std::string message = one_line(status.message());
  if (status.detail() == nullptr) fail(fault, "{}: {}", where, message);
  fail(fault, "{}: {} ({})", where, message, status.detail()->ToString());
}

template <class T>
T take(arrow::Result<T>&& result, Fault fault, std::string_view where) {
  check(result.status(), fault, where);
  return std::move(result).ValueUnsafe();
}

}  // namespace millrace
