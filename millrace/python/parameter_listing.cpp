#include "millrace/python/parameter_listing.h"

#include "millrace/base/error.h"

namespace nb = nanobind;

namespace millrace {

namespace {

const char* name_of(ParamType type) {
  switch (type) {
    case ParamType::number: return "number";
    case ParamType::auto_number: return "auto_number";
    case ParamType::integer: return "integer";
    case ParamType::flag: return "flag";
    case ParamType::choice: return "choice";
    case ParamType::window: return "window";
    case ParamType::lag: return "lag";
    case ParamType::horizon: return "horizon";
    case ParamType::duration: return "duration";
    case ParamType::weight: return "weight";
    case ParamType::shares: return "shares";
    case ParamType::table: return "table";
    default: break;
  }
  return "text";
}

}  // namespace

nb::dict describe_doc(const Doc& doc, std::string_view family, int version) {
  nb::dict about;
  const auto put = [&](const char* name, std::string_view text) { about[name] = nb::str(text.data(), text.size()); };
  put("name", doc.name);
  put("family", family);
  put("title", doc.title);
  put("formula", doc.formula);
  put("unit", doc.unit);
  put("warmup", doc.warmup);
  put("reference", doc.reference);
  about["version"] = version;
  return about;
}

nb::list list_parameters(std::span<const ParamInfo> params, const std::vector<ParameterText>& texts) {
  nb::list list;
  const auto text = [](const std::string& words) { return nb::str(words.data(), words.size()); };
  for (std::size_t i = 0; i < texts.size(); ++i) {
    list.append(nb::make_tuple(text(texts[i].name), name_of(params[i].type), text(texts[i].default_value),
                               text(texts[i].range), text(texts[i].meaning)));
  }
  return list;
}

std::vector<Argument> arguments_of(const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::vector<Argument> arguments;
  for (const auto& [name, value] : parameters) arguments.push_back({name, value});
  return arguments;
}

void fail_on(const std::vector<Complaint>& complaints) {
  std::string wrong;
  for (const Complaint& complaint : complaints) wrong += (wrong.empty() ? "" : "\n") + complaint.message;
  if (!wrong.empty()) throw Error(Fault::config, wrong);
}

}  // namespace millrace
