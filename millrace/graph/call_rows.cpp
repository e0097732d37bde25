#include "millrace/graph/call_rows.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "millrace/base/error.h"

namespace millrace {

std::vector<int> places_of_inputs(const KernelInfo& kernel, const std::vector<std::string_view>& given) {
  std::vector<int> places;
  std::size_t found = 0;
  for (const InputInfo& input : kernel.inputs) {
    const auto at = std::find(given.begin(), given.end(), input.name);
    places.push_back(at == given.end() ? -1 : static_cast<int>(at - given.begin()));
    found += at == given.end() ? 0 : 1;
    if (at != given.end() || input.is_optional) continue;
    fail(Fault::config, "{}: input `{}` is missing", kernel.doc.name, input.name);
  }
  if (found == given.size()) return places;
  fail(Fault::config, "{} takes {} inputs, was given {}", kernel.doc.name, kernel.inputs.size(), given.size());
}

Parameters read_call_parameters(const KernelInfo& kernel, const std::vector<Argument>& arguments) {
  std::vector<Complaint> complaints;
  Parameters parameters = read_parameters(kernel, 0, arguments, complaints);
  const CommonParameters common = read_common_parameters(arguments, complaints);
  if (common.on && *common.on != Observed::any) {
    complaints.push_back({0, fmt::format("{}: rows of arrays have no kind; on must be any", kernel.doc.name)});
  }
  if (common.is_reset_by_null) {
    complaints.push_back({0, fmt::format("{}: nan_policy must be skip, was reset", kernel.doc.name)});
  }
  std::string wrong;
  for (const Complaint& complaint : complaints) wrong += (wrong.empty() ? "" : "\n") + complaint.message;
  if (!wrong.empty()) throw Error(Fault::config, wrong);
  return parameters;
}

void check_rows(const KernelInfo& kernel, const std::vector<std::string_view>& inputs, const KernelRows& rows) {
  const std::string_view name = kernel.doc.name;
  for (std::size_t i = 0; i < rows.inputs.size(); ++i) {
    if (rows.inputs[i].size() == rows.count) continue;
    fail(Fault::input, "{}: {} has {} rows; expected {} as in {}", name, inputs[i], rows.inputs[i].size(), rows.count,
         inputs[0]);
  }
  const auto check_size = [&](std::size_t size, std::string_view column) {
    if (size == 0 || size == rows.count) return;
    fail(Fault::input, "{}: {} has {} rows; expected {}", name, column, size, rows.count);
  };
  check_size(rows.keys.size(), "by");
  check_size(rows.event.size(), "ts");
  check_size(rows.received.size(), "ts_recv");
  const auto early = std::find_if(rows.event.begin(), rows.event.end(), [](Nanos time) { return time < 0; });
  if (early == rows.event.end()) return;
  fail(Fault::input, "{}: ts[{}] is {}; expected a time since 1970", name, early - rows.event.begin(),
       *early == no_time ? "missing" : fmt::format("{} ns", *early));
}

}  // namespace millrace
