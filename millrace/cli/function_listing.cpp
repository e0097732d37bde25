#include "millrace/cli/function_listing.h"

#include <array>

#include <fmt/format.h>

#include "millrace/base/text.h"
#include "millrace/graph/function_parameters.h"

namespace millrace {

namespace {

constexpr std::array<std::string_view, 3> ranks{"scalar", "vector", "matrix"};
constexpr std::array<std::string_view, 5> types{"number", "integer", "time", "side", "text"};

constexpr std::size_t widest = 60;  // of the inputs in a list; print_one has them all

template <class Infos>
std::string names_of(const Infos& infos) {
  std::string text;
  for (const auto& info : infos) text += fmt::format("{}{}", text.empty() ? "" : ", ", text_of(info));
  return text;
}

template <class Info>
std::string shape_of(const Info& info) {
  return fmt::format(R"("name":{},"rank":"{}","type":"{}","meaning":{})", json_quoted(info.name),
                     ranks[static_cast<std::size_t>(info.rank)], types[static_cast<std::size_t>(info.type)],
                     json_quoted(info.meaning));
}

template <class Info>
void print_row(const Info& info) {
  fmt::print("  {:<16}{:<12}{}\n", text_of(info), types[static_cast<std::size_t>(info.type)], info.meaning);
}

}  // namespace

std::string call_of(const FunctionKernel& function) {
  std::string inputs = names_of(function.inputs);
  if (inputs.size() > widest) inputs = inputs.substr(0, inputs.rfind(", ", widest)) + ", ...";
  return fmt::format("{} -> {}", inputs, names_of(function.outputs));
}

std::string json_of(const FunctionKernel& function) {
  std::string inputs, outputs, params;
  for (const ArgumentInfo& info : function.inputs) {
    inputs += fmt::format(R"({}{{{},"optional":{}}})", inputs.empty() ? "" : ",", shape_of(info), info.is_optional);
  }
  for (const ResultInfo& info : function.outputs) {
    outputs += fmt::format("{}{{{}}}", outputs.empty() ? "" : ",", shape_of(info));
  }
  for (const ParameterText& param : describe_parameters(function)) {
    params += fmt::format(R"({}{{"name":{},"default":{},"range":{},"meaning":{}}})", params.empty() ? "" : ",",
                          json_quoted(param.name), json_quoted(param.default_value), json_quoted(param.range),
                          json_quoted(param.meaning));
  }
  const Doc& doc = function.doc;
  return fmt::format(
      R"({{"name":{},"scope":"function","family":{},"version":{},"title":{},"formula":{},"unit":{},"warmup":{},)"
      R"("reference":{},"inputs":[{}],"outputs":[{}],"params":[{}]}})",
      json_quoted(doc.name), json_quoted(function.family), function.version, json_quoted(doc.title),
      json_quoted(doc.formula), json_quoted(doc.unit), json_quoted(doc.warmup), json_quoted(doc.reference), inputs,
      outputs, params);
}

void print_one(const FunctionKernel& function) {
  const Doc& doc = function.doc;
  fmt::print("{}({}) -> {}\n\n  {}\n\n  {}\n\n", doc.name, names_of(function.inputs), names_of(function.outputs),
             doc.title, doc.formula);
  for (const ArgumentInfo& info : function.inputs) print_row(info);
  fmt::print("\n");
  for (const ResultInfo& info : function.outputs) print_row(info);
  fmt::print("\n");
  for (const ParameterText& param : describe_parameters(function)) {
    fmt::print("  {:<16}{:<12}{}  [{}]\n", param.name, param.default_value, param.meaning, param.range);
  }
  if (!function.params.empty()) fmt::print("\n");
  fmt::print("  unit       {}\n  nulls      {}\n  scope      function\n  family     {}, version {}\n  reference  {}\n",
             doc.unit, doc.warmup, function.family, function.version, doc.reference);
}

}  // namespace millrace
