#pragma once

#include <cstdint>
#include <vector>

#include "millrace/kernels/family.h"

namespace millrace {

/// A number g by two whole numbers: i from 0 to rows - 1, s from 1 to columns. Fitted offline, read when a plan is
/// made, and alive as long as the plan; kernels point to it from their parameters.
struct Table {
  std::int64_t rows = 0, columns = 0;
  std::vector<double> cells;  // by i, then s; no_value = there is none
  std::uint64_t hash = 0;     // of the file's bytes

  double& at(std::int64_t i, std::int64_t s) { return cells[static_cast<std::size_t>(i * columns + s - 1)]; }
  double at(std::int64_t i, std::int64_t s) const { return cells[static_cast<std::size_t>(i * columns + s - 1)]; }
};

/// The parameter, a `const Table*`: the path of a file (`graph/table_file.h`), or nothing.
template <auto member>
constexpr ParamInfo table(std::string_view name, std::string_view meaning) {
  return {.name = name, .type = ParamType::table, .meaning = meaning, .slot = &form::slot<member>};
}

}  // namespace millrace
