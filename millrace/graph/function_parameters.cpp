#include "millrace/graph/function_parameters.h"

#include <algorithm>

#include <fmt/format.h>

#include "millrace/base/text.h"

namespace millrace {

namespace {

constexpr Nanos longest_horizon = 400 * one_day;

/// A function's parameters as a kernel of streams would have them.
KernelInfo kernel_of(const FunctionKernel& function, std::span<const ParamInfo> params) {
  return {.doc = function.doc,
          .version = function.version,
          .family = function.family,
          .inputs = {},
          .outputs = {},
          .params = params,
          .params_bytes = function.params_bytes,
          .default_params = function.default_params,
          .check = [](const void*) { return std::string_view(); }};
}

bool is_required(const ParamInfo& param, void* defaults) {
  if (param.type != ParamType::integer) return false;
  const auto value = static_cast<double>(*static_cast<std::int64_t*>(param.slot(defaults)));
  return value < param.lowest || value > param.highest;
}

class Reader {
 public:
  Reader(const FunctionKernel& function, std::size_t at, std::vector<Complaint>& complaints)
      : function_(function), at_(at), complaints_(complaints) {}

  Parameters read(const std::vector<Argument>& arguments) {
    const std::size_t before = complaints_.size();
    std::vector<ParamInfo> plain;
    for (const ParamInfo& param : function_.params) {
      if (param.type != ParamType::horizon) plain.push_back(param);
    }
    const std::vector<Argument> rest = without_horizons(arguments);
    Parameters result = read_parameters(kernel_of(function_, plain), at_, rest, complaints_);
    for (const ParamInfo& param : function_.params) read_horizon(param, arguments, result);
    for (const ParamInfo& param : plain) require(param, rest, result);
    if (complaints_.size() != before) return result;
    if (const std::string_view wrong = function_.check(result.data()); !wrong.empty()) complain(at_, wrong);
    return result;
  }

 private:
  const ParamInfo* find(std::string_view name) const {
    const auto found = std::find_if(function_.params.begin(), function_.params.end(),
                                    [&](const ParamInfo& param) { return param.name == name; });
    return found == function_.params.end() ? nullptr : &*found;
  }

  std::vector<Argument> without_horizons(const std::vector<Argument>& arguments) {
    std::vector<std::string_view> names;
    for (const ParamInfo& param : function_.params) names.push_back(param.name);
    std::vector<Argument> rest;
    for (const Argument& argument : arguments) {
      const ParamInfo* param = find(argument.name);
      if (param == nullptr) {
        complain(argument.at, fmt::format("unknown parameter `{}`{}; it takes {}", argument.name,
                                          did_you_mean(argument.name, names), fmt::join(names, ", ")));
      } else if (param->type != ParamType::horizon) {
        rest.push_back(argument);
      }
    }
    return rest;
  }

  void read_horizon(const ParamInfo& param, const std::vector<Argument>& arguments, Parameters& result) {
    if (param.type != ParamType::horizon) return;
    auto& horizon = *static_cast<Window*>(param.slot(result.bytes.data()));
    for (const Argument& argument : arguments) {
      if (argument.name != param.name) continue;
      const auto rows = parse_integer(argument.value);
      const auto span = parse_duration(argument.value);
      const bool are_rows =
          rows && *rows >= static_cast<std::int64_t>(param.lowest) && *rows <= static_cast<std::int64_t>(param.highest);
      if (!are_rows && !(span && *span <= longest_horizon)) {
        return complain(argument.at, fmt::format("{} must be {} to {} rows or a duration such as 60s, was `{}`",
                                                 param.name, param.lowest, param.highest, argument.value));
      }
      horizon = {.rows = are_rows ? *rows : 0, .span = are_rows ? 0 : *span};
      note(result, param.name, are_rows ? fmt::format("{}", *rows) : format_duration(*span));
      return;
    }
    complain(at_, fmt::format("parameter `{}` is required ({})", param.name, param.meaning));
  }

  void require(const ParamInfo& param, const std::vector<Argument>& arguments, Parameters& result) {
    const bool is_given = std::any_of(arguments.begin(), arguments.end(),
                                      [&](const Argument& argument) { return argument.name == param.name; });
    if (is_given || !is_required(param, result.bytes.data())) return;
    complain(at_, fmt::format("parameter `{}` is required ({})", param.name, param.meaning));
  }

  static void note(Parameters& result, std::string_view name, const std::string& value) {
    result.text += fmt::format("{}{}={}", result.text.empty() ? "" : ";", name, value);
  }
  void complain(std::size_t at, std::string_view what) {
    complaints_.push_back({at, fmt::format("{}: {}", function_.doc.name, what)});
  }

  const FunctionKernel& function_;
  std::size_t at_;
  std::vector<Complaint>& complaints_;
};

}  // namespace

Parameters read_parameters(const FunctionKernel& function, std::size_t at, const std::vector<Argument>& arguments,
                           std::vector<Complaint>& complaints) {
  return Reader(function, at, complaints).read(arguments);
}

std::vector<ParameterText> describe_parameters(const FunctionKernel& function) {
  alignas(8) std::array<std::byte, largest_params> defaults{};
  function.default_params(defaults.data());
  std::vector<ParamInfo> params(function.params.begin(), function.params.end());
  for (ParamInfo& param : params) {
    if (param.type == ParamType::horizon) param.type = ParamType::lag;
  }
  std::vector<ParameterText> texts = describe_parameters(kernel_of(function, params));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const ParamInfo& param = function.params[i];
    if (param.type == ParamType::horizon) {
      texts[i].range = fmt::format("{} to {} rows or a duration", param.lowest, param.highest);
    }
    if (param.type == ParamType::horizon || is_required(param, defaults.data())) texts[i].default_value = "required";
  }
  return texts;
}

}  // namespace millrace
