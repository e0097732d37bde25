#include <algorithm>
#include <array>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/cli/function_listing.h"
#include "millrace/cli/verbs.h"
#include "millrace/graph/parameters.h"
#include "millrace/io/function_call.h"
#include "millrace/kernels/registry.h"
#include "millrace/kernels/universe.h"

namespace millrace {

namespace {

struct Options {
  std::string name;
  std::optional<std::string> call;
  bool is_json = false;
};

constexpr std::size_t longest_call = 256'000'000;  // bytes of JSON

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

/// Those of one instrument's rows and those over all instruments, which have no forms.
std::vector<const KernelInfo*> listed_kernels() {
  std::vector<const KernelInfo*> list(all_kernels().begin(), all_kernels().end());
  for (const UniverseKernel& universe : universe_kernels()) list.push_back(&universe.info);
  return list;
}

bool is_universe(const KernelInfo& kernel) { return find_universe_kernel(kernel.doc.name) != nullptr; }

std::string_view scope_of(const KernelInfo& kernel) {
  if (is_universe(kernel)) return "universe";
  return kernel.is_cross || kernel.is_paired ? "cross" : "stream";
}

/// Bytes of state with default parameters, without the shared history; 0 where it grows with the instruments.
std::size_t default_state_bytes(const KernelInfo& kernel) {
  if (is_universe(kernel)) return 0;
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
  const FunctionKernel* function = find_function_kernel(doc.name);
  return fmt::format(
      R"({{"name":{},"scope":{},"family":{},"version":{},"title":{},"formula":{},"unit":{},"warmup":{},"reference":{},"inputs":[{}],)"
      R"("outputs":[{}],"params":[{}],"windows":{{"rows":{},"time":{},"expanding":{}}},"state_bytes":{},"function":{}}})",
      json_quoted(doc.name), json_quoted(scope_of(kernel)), json_quoted(kernel.family), kernel.version,
      json_quoted(doc.title), json_quoted(doc.formula), json_quoted(doc.unit), json_quoted(doc.warmup),
      json_quoted(doc.reference), inputs, outputs, params, kernel.rows != nullptr, kernel.time != nullptr,
      kernel.expanding != nullptr, default_state_bytes(kernel), function == nullptr ? "null" : json_of(*function));
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
  if (is_universe(kernel)) {
    fmt::print("  scope      all instruments at once\n  reference  {}\n", doc.reference);
    return;
  }
  fmt::print("  scope      {}\n  state      {} bytes an instrument\n  reference  {}\n", scope_of(kernel),
             default_state_bytes(kernel), doc.reference);
}

/// Functions that no stream kernel has the name of, family by family.
std::vector<const FunctionKernel*> functions_alone() {
  std::vector<const FunctionKernel*> list;
  for (const FunctionKernel* function : all_function_kernels()) {
    if (find_kernel(function->doc.name) == nullptr) list.push_back(function);
  }
  return list;
}

[[noreturn]] void fail_unknown(std::string_view name) {
  std::vector<std::string_view> names;
  for (const KernelInfo* one : listed_kernels()) names.push_back(one->doc.name);
  for (const FunctionKernel* one : all_function_kernels()) names.push_back(one->doc.name);
  fail(Fault::usage, "kernels: unknown kernel `{}`{}", name, did_you_mean(name, names));
}

/// `-` is standard input.
std::string call_text(const std::string& call) {
  if (call != "-") return call;
  std::string text;
  std::array<char, 64 * 1024> part{};
  while (std::cin.read(part.data(), part.size()) || std::cin.gcount() > 0) {
    text.append(part.data(), static_cast<std::size_t>(std::cin.gcount()));
    if (text.size() > longest_call) fail(Fault::usage, "kernels: --call takes at most {} bytes", longest_call);
  }
  return text;
}

Exit run_one(const Options& options) {
  const std::vector<const KernelInfo*> known = listed_kernels();
  const auto found =
      std::find_if(known.begin(), known.end(), [&](const KernelInfo* one) { return one->doc.name == options.name; });
  const KernelInfo* kernel = found == known.end() ? nullptr : *found;
  const FunctionKernel* function = find_function_kernel(options.name);
  if (kernel == nullptr && function == nullptr) fail_unknown(options.name);
  if (options.call) {
    if (function == nullptr) {
      fail(Fault::usage, "kernels: {} is no function but works on a stream; use it in a feature", options.name);
    }
    fmt::print("{}\n", call_with_json(*function, call_text(*options.call)));
  } else if (options.is_json) {
    fmt::print("{}\n", kernel != nullptr ? json_of(*kernel) : json_of(*function));
  } else {
    if (kernel != nullptr) print_one(*kernel);
    if (kernel != nullptr && function != nullptr) fmt::print("\n");
    if (function != nullptr) print_one(*function);
  }
  return Exit::done;
}

void print_list() {
  std::string family;
  const auto print = [&](std::string_view name, std::string_view of, const std::string& call, std::string_view title) {
    if (of != family) fmt::print("{}{}\n", family.empty() ? "" : "\n", of);
    family = of;
    fmt::print("  {:<22} {:<42} {}\n", name, call, title);
  };
  for (const KernelInfo* kernel : listed_kernels()) {
    print(kernel->doc.name, is_universe(*kernel) ? "over all instruments" : kernel->family,
          fmt::format("{} -> {}", inputs_of(*kernel), outputs_of(*kernel)), kernel->doc.title);
  }
  for (const FunctionKernel* function : all_function_kernels()) {
    print(function->doc.name, fmt::format("{}, functions", function->family), call_of(*function), function->doc.title);
  }
}

Exit run(const Options& options) {
  if (!options.name.empty()) return run_one(options);
  if (options.call) fail(Fault::usage, "kernels: --call needs the name of a function");
  if (!options.is_json) {
    print_list();
    return Exit::done;
  }
  std::string list;
  for (const KernelInfo* kernel : listed_kernels())
    list += fmt::format("{}{}", list.empty() ? "" : ",\n ", json_of(*kernel));
  for (const FunctionKernel* function : functions_alone()) list += fmt::format(",\n {}", json_of(*function));
  fmt::print("[{}]\n", list);
  return Exit::done;
}

}  // namespace

Verb add_kernels(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("kernels", "Lists the kernels, or tells all about one");
  verb->footer(
      "\nExamples:\n  millrace kernels rsi\n"
      "  millrace kernels risk_parity_weights --call '{\"cov\": [[0.04, 0.006], [0.006, 0.01]]}'");
  verb->add_option("name", options->name, "kernel to tell about");
  verb->add_flag("--json", options->is_json, "machine-readable");
  verb->add_option(
      "--call", options->call,
      "calls a function with a JSON object of its inputs and parameters (-: from standard input) and prints "
      "its outputs as JSON");
  return [options] { return run(*options); };
}

}  // namespace millrace
