#include <cmath>

#include <fmt/format.h>

#include "millrace/base/text.h"
#include "millrace/graph/fees_text.h"
#include "millrace/graph/parameters.h"

namespace millrace {

namespace {

std::string text_of_default(const ParamInfo& param, void* params) {
  void* slot = param.slot(params);
  switch (param.type) {
    case ParamType::integer: return fmt::format("{}", *static_cast<std::int64_t*>(slot));
    case ParamType::flag: return *static_cast<bool*>(slot) ? "true" : "false";
    case ParamType::shares: return "required";
    case ParamType::fees: return text_of(*static_cast<Fees*>(slot));
    case ParamType::table: return "none";
    case ParamType::choice: return std::string(param.choices[*static_cast<std::uint8_t*>(slot)]);
    case ParamType::window:
    case ParamType::lag: {
      const auto& window = *static_cast<Window*>(slot);
      if (window.span > 0) return format_duration(window.span);
      return window.rows > 0 || param.type == ParamType::lag ? fmt::format("{}", window.rows) : "expanding";
    }
    case ParamType::duration:
      if (*static_cast<Nanos*>(slot) == 0) return param.is_optional ? "none" : "required";
      return format_duration(*static_cast<Nanos*>(slot));
    case ParamType::weight: return fmt::format("alpha={:.6g}", static_cast<Weight*>(slot)->alpha);
    default: {
      const double value = *static_cast<double*>(slot);
      return std::isnan(value) ? (param.type == ParamType::auto_number ? "auto" : "required") : format_number(value);
    }
  }
}

std::string text_of_range(const ParamInfo& param) {
  switch (param.type) {
    case ParamType::flag: return "true, false";
    case ParamType::choice: return fmt::format("{}", fmt::join(param.choices, ", "));
    case ParamType::weight: return "0 < weight <= 1";
    case ParamType::shares: return fmt::format("pairs number:share, {} to {}", param.lowest, param.highest);
    case ParamType::fees: return fmt::format("numbers from {} to {}", param.lowest, param.highest);
    case ParamType::table: return "path of a CSV file with columns i,s,g";
    case ParamType::duration:
      return fmt::format("{} to {}", format_duration(static_cast<Nanos>(param.lowest)),
                         format_duration(static_cast<Nanos>(param.highest)));
    default: return fmt::format("{} to {}", param.lowest, param.highest);
  }
}

}  // namespace

std::vector<ParameterText> describe_parameters(const KernelInfo& kernel) {
  alignas(8) std::array<std::byte, largest_params> defaults{};
  kernel.default_params(defaults.data());
  std::vector<ParameterText> texts;
  for (const ParamInfo& param : kernel.params) {
    texts.push_back({std::string(param.name), text_of_default(param, defaults.data()), text_of_range(param),
                     std::string(param.meaning)});
  }
  return texts;
}

}  // namespace millrace
