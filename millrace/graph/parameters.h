#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "millrace/graph/expression.h"
#include "millrace/kernels/kernel.h"
#include "millrace/kernels/table.h"

namespace millrace {

/// A kernel's parameters as bytes, and as the text that names them in plans and snapshots ("window=100;ddof=1").
struct Parameters {
  alignas(8) std::array<std::byte, largest_params> bytes{};
  std::string text;
  const FormInfo* form = nullptr;                      // what the window, lag or weight asks for
  std::vector<std::shared_ptr<const Table>> tables{};  // that `bytes` point to
  /// What the kernel derives from them. The bytes hold its address; copies share it.
  std::shared_ptr<const double[]> derived;

  const void* data() const { return bytes.data(); }
};

/// Fills `derived` and puts its address into the bytes. REQUIRES: kernel.derive.
void derive(const KernelInfo& kernel, Parameters& parameters);

/// The value of an argument that is an input, such as `interval=funding_interval_s`: its parameter is not read.
inline constexpr std::string_view bound_to_input = "<input>";

/// Reads the named arguments of a call by the kernel's table. Everything wrong is added to `complaints`: unknown or
/// repeated names, types, ranges, windows the kernel has not. `on` and `nan_policy` belong to the graph and are
/// skipped.
Parameters read_parameters(const KernelInfo& kernel, std::size_t at, const std::vector<Argument>& arguments,
                           std::vector<Complaint>& complaints);

/// What every call may say besides: on which rows it observes, and what a missing value does to it.
enum class Observed : std::uint8_t { any, trade, quote, funding, bar };
KindSet kinds_of(Observed on);  // none of `bar`

struct CommonParameters {
  std::optional<Observed> on;
  bool is_reset_by_null = false;  // nan_policy=reset, not skip
};
CommonParameters read_common_parameters(const std::vector<Argument>& arguments, std::vector<Complaint>& complaints);

/// Defaults as a user would write them: name, value, allowed range and meaning, for listings and error texts.
struct ParameterText {
  std::string name, default_value, range, meaning;
};
std::vector<ParameterText> describe_parameters(const KernelInfo& kernel);

}  // namespace millrace
