#include <string>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "millrace/base/time.h"
#include "millrace/graph/function_parameters.h"
#include "millrace/kernels/registry.h"
#include "millrace/python/owned_array.h"
#include "millrace/python/parameter_listing.h"
#include "millrace/python/python_calls.h"

namespace nb = nanobind;
using nb::literals::operator""_a;

namespace millrace {

namespace {

template <class T>
using Array = nb::ndarray<const T, nb::c_contig, nb::device::cpu>;

nb::str text(std::string_view view) { return nb::str(view.data(), view.size()); }

const char* name_of(Rank rank) { return rank == Rank::scalar ? "scalar" : rank == Rank::vector ? "vector" : "matrix"; }

const char* name_of(ElementType type) {
  switch (type) {
    case ElementType::number: return "number";
    case ElementType::integer: return "integer";
    case ElementType::time: return "time";
    case ElementType::side: return "side";
    case ElementType::text: break;
  }
  return "text";
}

/// All that a user may know of a function, in plain Python values.
nb::dict describe(const FunctionKernel& function) {
  nb::dict about = describe_doc(function.doc, function.family, function.version);
  nb::list inputs, outputs;
  for (const ArgumentInfo& one : function.inputs) {
    inputs.append(nb::make_tuple(text(one.name), name_of(one.rank), name_of(one.type), one.is_optional,
                                 text(one.meaning), text(one.like)));
  }
  for (const ResultInfo& one : function.outputs) {
    outputs.append(nb::make_tuple(text(one.name), name_of(one.rank), name_of(one.type), text(one.meaning)));
  }
  about["inputs"] = inputs;
  about["outputs"] = outputs;
  about["params"] = list_parameters(function.params, describe_parameters(function));
  return about;
}

/// An array of as many dimensions as the argument has; a scalar has one element.
template <class T>
ArgumentView view_of(const Array<T>& array) {
  ArgumentView view{.is_given = true};
  if (array.ndim() > 0) view.rows = array.shape(0);
  if (array.ndim() > 1) view.columns = array.shape(1);
  const std::span<const T> values(array.data(), array.size());
  if constexpr (std::is_same_v<T, double>) {
    view.numbers = values;
  } else {
    view.integers = values;
  }
  return view;
}

template <class T>
nb::object array_of(std::vector<T>&& values, Rank rank, std::size_t rows, std::size_t columns) {
  if (rank != Rank::matrix) return owned_array(std::move(values));
  const std::size_t shape[] = {rows, columns};
  return owned_array(std::move(values), shape);
}

nb::object object_of(const ResultInfo& info, ResultValue& value) {
  if (info.type == ElementType::text) return value.text.empty() ? nb::none() : nb::object(text(value.text));
  if (info.rank == Rank::scalar) {
    if (info.type == ElementType::number) return nb::float_(value.numbers[0]);
    return nb::int_(value.integers[0]);
  }
  if (info.type == ElementType::number) {
    return array_of(std::move(value.numbers), info.rank, value.rows, value.columns);
  }
  return array_of(std::move(value.integers), info.rank, value.rows, value.columns);
}

nb::list call(const std::string& name, const std::vector<std::pair<std::string, std::string>>& parameters,
              const nb::list& arguments) {
  const FunctionKernel* function = find_function_kernel(name);
  if (function == nullptr) fail(Fault::config, "unknown function `{}`", name);
  if (arguments.size() != function->inputs.size()) {
    fail(Fault::usage, "{}: expected {} arguments, was {}", name, function->inputs.size(), arguments.size());
  }
  std::vector<Complaint> complaints;
  const Parameters read = read_parameters(*function, 0, arguments_of(parameters), complaints);
  fail_on(complaints);
  std::vector<ArgumentView> views;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const nb::object given = arguments[i];
    if (given.is_none()) {
      views.emplace_back();
    } else if (function->inputs[i].type == ElementType::number) {
      views.push_back(view_of(nb::cast<Array<double>>(given, false)));
    } else {
      views.push_back(view_of(nb::cast<Array<std::int64_t>>(given, false)));
    }
  }
  std::vector<ResultValue> results;
  {
    const UnlockedWork work;
    results = call_function(*function, read.data(), views);
  }
  nb::list list;
  for (std::size_t i = 0; i < results.size(); ++i) list.append(object_of(function->outputs[i], results[i]));
  return list;
}

}  // namespace

void bind_functions(nb::module_& module) {
  module.def(
      "functions",
      [] {
        nb::list list;
        for (const FunctionKernel* function : all_function_kernels()) list.append(describe(*function));
        return list;
      },
      "Every function of the registry.");
  module.def("call_function", &call, "name"_a, "parameters"_a, "arguments"_a,
             "Calls a function with an array, or None, for each of its inputs.");
  module.def(
      "parse_time",
      [](const std::string& words) {
        const auto time = parse_time(words);
        return time ? nb::object(nb::int_(*time)) : nb::object(nb::none());
      },
      "text"_a, "RFC 3339 or whole nanoseconds as nanoseconds; None where it is neither.");
}

}  // namespace millrace
