#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "millrace/graph/kernel_call.h"

namespace millrace {

/// Whether the kernel closes bars.
bool is_bar_kernel(const KernelInfo& kernel);

/// The bars that a call closed, in the order of the rows that closed them.
struct ClosedBars {
  std::vector<std::int64_t> rows;                   // that closed them; a row may close several
  std::vector<std::vector<double>> numbers;         // by output; empty where it is a time
  std::vector<std::vector<std::int64_t>> integers;  // the others: ns
};

/// One kernel of bars over arrays. Every row is a trade: an observation where its required inputs have values.
class BarCall {
 public:
  /// As `KernelCall`. REQUIRES: is_bar_kernel(kernel).
  BarCall(const KernelInfo& kernel, const std::vector<Argument>& arguments,
          const std::vector<std::string_view>& inputs);

  /// Throws Error(Fault::input) where the rows do not fit the call. `between` is called now and then and may throw.
  ClosedBars run(const KernelRows& rows, const std::function<void()>& between) const;

 private:
  class Instrument;
  const FormInfo& form() const;

  const KernelInfo& kernel_;
  std::vector<std::string_view> inputs_;
  std::vector<int> places_;  // of each input of the kernel among those that are given; -1: left out
  Parameters parameters_;
};

}  // namespace millrace
