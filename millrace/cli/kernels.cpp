#include <array>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/cli/verbs.h"
#include "millrace/graph/parameters.h"
#include "millrace/kernels/registry.h"

namespace millrace {

namespace {

struct Options {
  std::string name;
  bool is_json = false;
};

std::string inputs_of(const KernelInfo& kernel) {
  std::string text;
  for (const InputInfo& input : kernel.inputs) {
    text += fmt::format("{}{}{}", text.empty() ? "" : ", ", input.name, input.is_optional ? "?" : "");
  }
  return text;
}

std::string outputs_of(const KernelInfo& kernel) {
  std::string text;
  for (const OutputInfo& output : kernel.outputs) text += fmt::format("{}{}", text.empty() ? "" : ", ", output.name);
  return text;
}

/// Bytes of state with default parameters, without the shared history.
std::size_t default_state_bytes(const KernelInfo& kernel) {
  std::vector<Complaint> complaints;
  const Parameters parameters = read_parameters(kernel, 0, {}, complaints);
  return parameters.form->state_bytes(parameters.data());
}

std::string json_of(const KernelInfo& kernel) {
  std::string inputs, outputs, params;
  for (const InputInfo& input : kernel.inputs) {
    inputs += fmt::format(R"({}{{"name":{},"optional":{}}})", inputs.empty() ? "" : ",", json_quoted(input.name),
                          input.is_optional);
  }
  for (const OutputInfo& output : kernel.outputs) {
    outputs += fmt::format(R"({}{{"name":{},"flag":{}}})", outputs.empty() ? "" : ",", json_quoted(output.name),
                           output.is_flag);
  }
  for (const ParameterText& param : describe_parameters(kernel)) {
    params += fmt::format(R"({}{{"name":{},"default":{},"range":{},"meaning":{}}})", params.empty() ? "" : ",",
                          json_quoted(param.name), json_quoted(param.default_value), json_quoted(param.range),
                          json_quoted(param.meaning));
  }
  const Doc& doc = kernel.doc;
  return fmt::format(
      R"({{"name":{},"family":{},"version":{},"title":{},"formula":{},"unit":{},"warmup":{},"reference":{},"inputs":[{}],)"
      R"("outputs":[{}],"params":[{}],"windows":{{"rows":{},"time":{},"expanding":{}}},"state_bytes":{}}})",
      json_quoted(doc.name), json_quoted(kernel.family), kernel.version, json_quoted(doc.title),
      json_quoted(doc.formula), json_quoted(doc.unit), json_quoted(doc.warmup), json_quoted(doc.reference), inputs,
      outputs, params, kernel.rows != nullptr, kernel.time != nullptr, kernel.expanding != nullptr,
      default_state_bytes(kernel));
}

void print_one(const KernelInfo& kernel) {
  const Doc& doc = kernel.doc;
  fmt::print("{}({}) -> {}\n\n  {}\n\n  {}\n\n", doc.name, inputs_of(kernel), outputs_of(kernel), doc.title,
             doc.formula);
  for (const ParameterText& param : describe_parameters(kernel)) {
    fmt::print("  {:<16}{:<12}{}  [{}]\n", param.name, param.default_value, param.meaning, param.range);
  }
  if (!kernel.params.empty()) fmt::print("\n");
  fmt::print("  unit       {}\n  warm-up    {}\n  windows    {}{}{}\n  family     {}, version {}\n", doc.unit,
             doc.warmup, kernel.rows != nullptr ? "rows " : "", kernel.time != nullptr ? "event-time " : "",
             kernel.expanding != nullptr ? "expanding" : "", kernel.family, kernel.version);
  fmt::print("  state      {} bytes an instrument\n  reference  {}\n", default_state_bytes(kernel), doc.reference);
}

Exit run(const Options& options) {
  if (!options.name.empty()) {
    const KernelInfo* kernel = find_kernel(options.name);
    if (kernel == nullptr) {
      std::vector<std::string_view> names;
      for (const KernelInfo* one : all_kernels()) names.push_back(one->doc.name);
      fail(Fault::usage, "kernels: unknown kernel `{}`{}", options.name, did_you_mean(options.name, names));
    }
    if (options.is_json) {
      fmt::print("{}\n", json_of(*kernel));
    } else {
      print_one(*kernel);
    }
    return Exit::done;
  }
  std::string list;
  std::string_view family;
  for (const KernelInfo* kernel : all_kernels()) {
    if (options.is_json) {
      list += fmt::format("{}{}", list.empty() ? "" : ",\n ", json_of(*kernel));
      continue;
    }
    if (kernel->family != family) fmt::print("{}{}\n", family.empty() ? "" : "\n", kernel->family);
    family = kernel->family;
    fmt::print("  {:<22} {:<42} {}\n", kernel->doc.name,
               fmt::format("{} -> {}", inputs_of(*kernel), outputs_of(*kernel)), kernel->doc.title);
  }
  if (options.is_json) fmt::print("[{}]\n", list);
  return Exit::done;
}

}  // namespace

Verb add_kernels(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("kernels", "Lists the kernels, or tells all about one");
  verb->footer("\nExample:\n  millrace kernels rsi");
  verb->add_option("name", options->name, "kernel to tell about");
  verb->add_flag("--json", options->is_json, "machine-readable");
  return [options] { return run(*options); };
}

}  // namespace millrace
