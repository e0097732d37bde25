#include "millrace/graph/universe_call.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "millrace/base/error.h"
#include "millrace/graph/call_rows.h"

namespace millrace {

namespace {

constexpr std::size_t rows_at_once = 1024;  // a row may cost as much as there are members

bool counts_time(const KernelInfo& kernel) {
  return std::any_of(kernel.params.begin(), kernel.params.end(),
                     [](const ParamInfo& param) { return param.type == ParamType::duration; });
}

/// Numbers in the order of first appearance, which decides among equals.
class Renumbered {
 public:
  std::uint32_t operator()(std::span<const std::uint32_t> keys, std::size_t row) {
    if (keys.empty()) return 0;
    if (keys[row] >= numbers_.size()) numbers_.resize(keys[row] + std::size_t{1}, unknown);
    std::uint32_t& number = numbers_[keys[row]];
    if (number == unknown) number = count_++;
    return number;
  }

 private:
  static constexpr std::uint32_t unknown = UINT32_MAX;
  std::vector<std::uint32_t> numbers_;
  std::uint32_t count_ = 0;
};

}  // namespace

UniverseCall::UniverseCall(const UniverseKernel& kernel, const std::vector<Argument>& arguments,
                           const std::vector<std::string_view>& inputs)
    : kernel_(kernel),
      inputs_(inputs),
      places_(places_of_inputs(kernel.info, inputs)),
      parameters_(read_call_parameters(kernel.info, arguments)) {}

void UniverseCall::run(const UniverseRows& given, std::span<double* const> out,
                       const std::function<void()>& between) const {
  const KernelRows& rows = given.rows;
  check_rows(kernel_.info, inputs_, rows);
  const std::string_view name = kernel_.info.doc.name;
  if (!given.groups.empty() && given.groups.size() != rows.count) {
    fail(Fault::input, "{}: peers has {} rows; expected {}", name, given.groups.size(), rows.count);
  }
  if (rows.event.empty() && rows.count > 0 && counts_time(kernel_.info)) {
    fail(Fault::input, "{}: it works by event time; expected `ts`, the times of the rows", name);
  }
  const std::unique_ptr<Universe> universe = kernel_.make(parameters_.data());
  Renumbered member_of, group_of;
  Nanos clock = 0;
  std::array<double, largest_inputs> in;
  in.fill(no_value);
  std::array<double, largest_outputs> values{};
  for (std::size_t row = 0; row < rows.count; ++row) {
    if (row % rows_at_once == 0) between();
    clock = std::max(clock, rows.event.empty() ? static_cast<Nanos>(row) : rows.event[row]);
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (places_[i] < 0) continue;
      const double value = rows.inputs[static_cast<std::size_t>(places_[i])][row];
      in[i] = std::isfinite(value) ? value : no_value;
    }
    universe->observe(member_of(rows.keys, row), group_of(given.groups, row), clock, in.data(), values.data());
    for (std::size_t i = 0; i < out.size(); ++i) out[i][row] = values[i];
  }
}

}  // namespace millrace
