#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include "millrace/base/error.h"

namespace millrace {

template <class T>
using ColumnArray = nanobind::ndarray<const T, nanobind::ndim<1>, nanobind::c_contig, nanobind::device::cpu>;
using OutputArray = nanobind::ndarray<double, nanobind::ndim<1>, nanobind::c_contig, nanobind::device::cpu>;
using ParameterTexts = std::vector<std::pair<std::string, std::string>>;

template <class T>
std::span<const T> span_of(const std::optional<ColumnArray<T>>& array) {
  return array ? std::span<const T>(array->data(), array->shape(0)) : std::span<const T>();
}

/// The outputs as pointers; throws where one has another length than `rows`, or there are not `expected` of them.
inline std::vector<double*> pointers_of(const std::string& name, const std::vector<OutputArray>& outputs,
                                        std::size_t expected, std::size_t rows) {
  std::vector<double*> out;
  for (const OutputArray& output : outputs) {
    if (output.shape(0) != rows) fail(Fault::usage, "{}: an output has another length than the inputs", name);
    out.push_back(output.data());
  }
  if (out.size() != expected) fail(Fault::usage, "{} has {} outputs", name, expected);
  return out;
}

}  // namespace millrace
