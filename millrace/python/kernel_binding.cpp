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

#include "millrace/graph/kernel_call.h"
#include "millrace/kernels/registry.h"
#include "millrace/python/python_calls.h"

namespace nb = nanobind;
using nb::literals::operator""_a;

namespace millrace {

namespace {

template <class T>
using Array = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Output = nb::ndarray<double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

template <class T>
std::span<const T> span_of(const std::optional<Array<T>>& array) {
  return array ? std::span<const T>(array->data(), array->shape(0)) : std::span<const T>();
}

const KernelInfo& kernel_of(const std::string& name) {
  const KernelInfo* kernel = find_kernel(name);
  if (kernel == nullptr) fail(Fault::config, "unknown kernel `{}`", name);
  return *kernel;
}

std::string text(std::string_view view) { return std::string(view); }

const char* name_of(ParamType type) {
  switch (type) {
    case ParamType::number: return "number";
    case ParamType::auto_number: return "auto_number";
    case ParamType::integer: return "integer";
    case ParamType::flag: return "flag";
    case ParamType::choice: return "choice";
    case ParamType::window: return "window";
    case ParamType::lag: return "lag";
    case ParamType::duration: return "duration";
    case ParamType::weight: return "weight";
    case ParamType::shares: return "shares";
    case ParamType::table: return "table";
  }
  return "number";
}

bool needs_stamps(const KernelInfo& kernel) {
  for (const FormInfo* form : {kernel.rows, kernel.time, kernel.expanding}) {
    if (form != nullptr && form->needs_stamps) return true;
  }
  return false;
}

/// All that a user may know of a kernel, in plain Python values.
nb::dict describe(const KernelInfo& kernel) {
  nb::list inputs, outputs, params;
  for (const InputInfo& input : kernel.inputs) {
    if (input.is_time && input.name == "ts_event") continue;  // comes as `ts`
    if (input.is_time && input.is_optional) continue;         // arrays are numbers
    inputs.append(nb::make_tuple(text(input.name), input.is_optional, input.is_keyword));
  }
  for (const OutputInfo& output : kernel.outputs) outputs.append(nb::make_tuple(text(output.name), output.is_flag));
  const auto texts = describe_parameters(kernel);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    params.append(nb::make_tuple(texts[i].name, name_of(kernel.params[i].type), texts[i].default_value, texts[i].range,
                                 texts[i].meaning));
  }
  nb::dict about;
  about["name"] = text(kernel.doc.name);
  about["family"] = text(kernel.family);
  about["version"] = kernel.version;
  about["title"] = text(kernel.doc.title);
  about["formula"] = text(kernel.doc.formula);
  about["unit"] = text(kernel.doc.unit);
  about["warmup"] = text(kernel.doc.warmup);
  about["reference"] = text(kernel.doc.reference);
  about["inputs"] = inputs;
  about["outputs"] = outputs;
  about["params"] = params;
  about["needs_stamps"] = needs_stamps(kernel);
  about["why_not"] = text(why_not_callable(kernel));
  return about;
}

void call(const std::string& name, const std::vector<std::pair<std::string, std::string>>& parameters,
          const std::vector<std::string>& names, const std::vector<Array<double>>& inputs,
          const std::vector<Output>& outputs, const std::optional<Array<InstrumentId>>& keys,
          const std::optional<Array<Nanos>>& event, const std::optional<Array<Nanos>>& received) {
  std::vector<Argument> arguments;
  for (const auto& [parameter, value] : parameters) arguments.push_back({parameter, value});
  KernelRows rows{.keys = span_of(keys), .event = span_of(event), .received = span_of(received)};
  for (const auto& input : inputs) rows.inputs.emplace_back(input.data(), input.shape(0));
  rows.count = inputs.empty() ? rows.event.size() : inputs[0].shape(0);
  if (names.size() != inputs.size()) fail(Fault::usage, "{}: expected a name for each input", name);
  std::vector<double*> out;
  for (const Output& output : outputs) {
    if (output.shape(0) != rows.count) fail(Fault::usage, "{}: an output has another length than the inputs", name);
    out.push_back(output.data());
  }
  const KernelInfo& kernel = kernel_of(name);
  if (out.size() != kernel.outputs.size()) fail(Fault::usage, "{} has {} outputs", name, kernel.outputs.size());
  UnlockedWork work;
  KernelCall(kernel, arguments, {names.begin(), names.end()}).run(rows, out, [&] { work.look(); });
}

}  // namespace

void bind_kernels(nb::module_& module) {
  module.def(
      "kernels",
      [] {
        nb::list list;
        for (const KernelInfo* kernel : all_kernels()) list.append(describe(*kernel));
        return list;
      },
      "Every kernel of the registry.");
  module.def("call_kernel", &call, "name"_a, "parameters"_a, "names"_a, "inputs"_a, "outputs"_a, "keys"_a = nb::none(),
             "event"_a = nb::none(), "received"_a = nb::none(),
             "Runs a kernel over arrays of one length into arrays of the same length.");
}

}  // namespace millrace
