#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "millrace/graph/kernel_call.h"
#include "millrace/kernels/universe.h"

namespace millrace {

/// Rows of all members in the order of time, and the group of each, whose members are compared with one another.
struct UniverseRows {
  KernelRows rows;                        // `keys` are the members
  std::span<const std::uint32_t> groups;  // dense; empty = all are of one group
};

/// One universe kernel over arrays.
class UniverseCall {
 public:
  /// As `KernelCall`.
  UniverseCall(const UniverseKernel& kernel, const std::vector<Argument>& arguments,
               const std::vector<std::string_view>& inputs);

  /// Writes each output by row. Throws Error(Fault::input) where the rows do not fit the call. REQUIRES: `out` has room
  /// for the rows.
  void run(const UniverseRows& rows, std::span<double* const> out, const std::function<void()>& between) const;

 private:
  const UniverseKernel& kernel_;
  std::vector<std::string_view> inputs_;
  std::vector<int> places_;  // of each input of the kernel among those that are given; -1: left out
  Parameters parameters_;
};

}  // namespace millrace
