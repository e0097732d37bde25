#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "millrace/graph/bar_call.h"
#include "millrace/graph/kernel_call.h"
#include "millrace/graph/universe_call.h"
#include "millrace/kernels/registry.h"
#include "millrace/python/kernel_arrays.h"
#include "millrace/python/owned_array.h"
#include "millrace/python/parameter_listing.h"
#include "millrace/python/python_calls.h"

namespace nb = nanobind;
using nb::literals::operator""_a;

namespace millrace {

namespace {

const KernelInfo& kernel_of(const std::string& name) {
  const KernelInfo* kernel = find_kernel(name);
  if (kernel == nullptr) fail(Fault::config, "unknown kernel `{}`", name);
  return *kernel;
}

std::string text(std::string_view view) { return std::string(view); }

bool needs_stamps(const KernelInfo& kernel) {
  for (const FormInfo* form : {kernel.rows, kernel.time, kernel.expanding}) {
    if (form != nullptr && form->needs_stamps) return true;
  }
  return false;
}

/// What a call over arrays makes of the kernel.
enum class Scope : std::uint8_t { stream, bars, universe };
constexpr std::array scope_names{"stream", "bars", "universe"};

/// All that a user may know of a kernel, in plain Python values.
nb::dict describe(const KernelInfo& kernel, Scope scope) {
  nb::list inputs, outputs;
  for (const InputInfo& input : kernel.inputs) {
    if (input.is_time && input.name == "ts_event") continue;  // comes as `ts`
    if (input.is_time && input.is_optional) continue;         // arrays are numbers
    inputs.append(nb::make_tuple(text(input.name), input.is_optional, input.is_keyword));
  }
  for (const OutputInfo& output : kernel.outputs) outputs.append(nb::make_tuple(text(output.name), output.is_flag));
  nb::dict about = describe_doc(kernel.doc, kernel.family, kernel.version);
  about["scope"] = scope_names[static_cast<std::size_t>(scope)];
  about["inputs"] = inputs;
  about["outputs"] = outputs;
  about["params"] = list_parameters(kernel.params, describe_parameters(kernel));
  about["needs_stamps"] = needs_stamps(kernel);
  about["why_not"] = scope == Scope::stream ? text(why_not_callable(kernel)) : "";
  return about;
}

/// The columns of a call as Python hands them over.
struct GivenRows {
  std::vector<ColumnArray<double>> inputs;
  std::optional<ColumnArray<InstrumentId>> keys;
  std::optional<ColumnArray<Nanos>> event, received;

  KernelRows rows() const {
    KernelRows rows{.keys = span_of(keys), .event = span_of(event), .received = span_of(received)};
    for (const auto& input : inputs) rows.inputs.emplace_back(input.data(), input.shape(0));
    rows.count = inputs.empty() ? rows.event.size() : inputs[0].shape(0);
    return rows;
  }
};

std::vector<std::string_view> views_of(const std::string& name, const std::vector<std::string>& names,
                                       const GivenRows& given) {
  if (names.size() != given.inputs.size()) fail(Fault::usage, "{}: expected a name for each input", name);
  return {names.begin(), names.end()};
}

void call(const std::string& name, const ParameterTexts& parameters, const std::vector<std::string>& names,
          const std::vector<OutputArray>& outputs, const GivenRows& given) {
  const KernelInfo& kernel = kernel_of(name);
  const KernelRows rows = given.rows();
  const auto out = pointers_of(name, outputs, kernel.outputs.size(), rows.count);
  const std::vector<std::string_view> inputs = views_of(name, names, given);
  const std::vector<Argument> arguments = arguments_of(parameters);
  UnlockedWork work;
  KernelCall(kernel, arguments, inputs).run(rows, out, [&] { work.look(); });
}

/// The rows that closed bars, and each output by bar.
nb::tuple call_bars(const std::string& name, const ParameterTexts& parameters, const std::vector<std::string>& names,
                    const GivenRows& given) {
  const KernelInfo& kernel = kernel_of(name);
  if (!is_bar_kernel(kernel)) fail(Fault::usage, "{} closes no bars", name);
  const KernelRows rows = given.rows();
  const std::vector<std::string_view> inputs = views_of(name, names, given);
  const std::vector<Argument> arguments = arguments_of(parameters);
  ClosedBars bars;
  {
    UnlockedWork work;
    bars = BarCall(kernel, arguments, inputs).run(rows, [&] { work.look(); });
  }
  nb::list columns;
  for (std::size_t i = 0; i < kernel.outputs.size(); ++i) {
    const bool is_integer = kernel.outputs[i].is_time || kernel.outputs[i].is_span;
    columns.append(is_integer ? owned_array(std::move(bars.integers[i])) : owned_array(std::move(bars.numbers[i])));
  }
  return nb::make_tuple(owned_array(std::move(bars.rows)), columns);
}

void call_universe(const std::string& name, const ParameterTexts& parameters, const std::vector<std::string>& names,
                   const std::vector<OutputArray>& outputs, const GivenRows& given,
                   const std::optional<ColumnArray<std::uint32_t>>& groups) {
  const UniverseKernel* kernel = find_universe_kernel(name);
  if (kernel == nullptr) fail(Fault::config, "unknown kernel `{}`", name);
  const UniverseRows rows{.rows = given.rows(), .groups = span_of(groups)};
  const auto out = pointers_of(name, outputs, kernel->info.outputs.size(), rows.rows.count);
  const std::vector<std::string_view> inputs = views_of(name, names, given);
  const std::vector<Argument> arguments = arguments_of(parameters);
  UnlockedWork work;
  UniverseCall(*kernel, arguments, inputs).run(rows, out, [&] { work.look(); });
}

nb::list list_kernels() {
  nb::list list;
  for (const KernelInfo* kernel : all_kernels()) {
    list.append(describe(*kernel, is_bar_kernel(*kernel) ? Scope::bars : Scope::stream));
  }
  for (const UniverseKernel& kernel : universe_kernels()) list.append(describe(kernel.info, Scope::universe));
  return list;
}

}  // namespace

void bind_kernels(nb::module_& module) {
  nb::class_<GivenRows>(module, "Rows")
      .def(
          "__init__",
          [](GivenRows* self, std::vector<ColumnArray<double>> inputs, std::optional<ColumnArray<InstrumentId>> keys,
             std::optional<ColumnArray<Nanos>> event, std::optional<ColumnArray<Nanos>> received) {
            ::new (self) GivenRows{std::move(inputs), std::move(keys), std::move(event), std::move(received)};
          },
          "inputs"_a, "keys"_a = nb::none(), "event"_a = nb::none(), "received"_a = nb::none());
  module.def("kernels", &list_kernels, "Every kernel of the registry.");
  module.def("call_kernel", &call, "name"_a, "parameters"_a, "names"_a, "outputs"_a, "rows"_a,
             "Runs a kernel over arrays of one length into arrays of the same length.");
  module.def("call_bars", &call_bars, "name"_a, "parameters"_a, "names"_a, "rows"_a,
             "The rows that closed bars, and each output by bar.");
  module.def("call_universe", &call_universe, "name"_a, "parameters"_a, "names"_a, "outputs"_a, "rows"_a,
             "groups"_a = nb::none(), "Runs a universe kernel over arrays of one length.");
}

}  // namespace millrace
