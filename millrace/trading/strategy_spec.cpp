#include "millrace/trading/strategy_spec.h"

#include <algorithm>
#include <cassert>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"

namespace millrace {

namespace {

std::vector<std::string_view> names_of(const StrategySpec& spec) {
  std::vector<std::string_view> names;
  for (const StrategyParameter& one : spec.parameters) names.push_back(one.name);
  return names;
}

bool is_name_letter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// A negative number in brackets, so that `x -$k` and `2^$k` mean what they say.
std::string inserted(const StrategyParameter& parameter) {
  return !parameter.is_duration && !parameter.is_text && parameter.text.starts_with('-') ? "(" + parameter.text + ")"
                                                                                         : parameter.text;
}

void insert(Definition& definition, const StrategySpec& spec, std::vector<std::string>& problems) {
  std::string result;
  const std::string& text = definition.expression;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '$') {
      result += text[i++];
      continue;
    }
    std::size_t end = i + 1;
    while (end < text.size() && is_name_letter(text[end])) ++end;
    const std::string_view name(text.data() + i + 1, end - i - 1);
    const StrategyParameter* parameter = spec.find(name);
    if (parameter == nullptr) {
      problems.push_back(fmt::format("{}:{}:{}: `${}`: expected a parameter of the strategy{}", spec.file,
                                     definition.line, definition.column + i, name, did_you_mean(name, names_of(spec))));
    } else {
      result += inserted(*parameter);
    }
    i = end;
  }
  definition.expression = std::move(result);
}

}  // namespace

const StrategyParameter* StrategySpec::find(std::string_view parameter) const {
  const auto at = std::find_if(parameters.begin(), parameters.end(),
                               [&](const StrategyParameter& one) { return one.name == parameter; });
  return at == parameters.end() ? nullptr : &*at;
}

double StrategySpec::number(std::string_view parameter) const {
  const StrategyParameter* one = find(parameter);
  assert(one != nullptr);
  return one->value;
}

Nanos StrategySpec::duration(std::string_view parameter) const {
  const StrategyParameter* one = find(parameter);
  assert(one != nullptr && one->is_duration);
  return parse_duration(one->text).value_or(0);
}

const std::string& StrategySpec::text(std::string_view parameter) const {
  const StrategyParameter* one = find(parameter);
  assert(one != nullptr);
  return one->text;
}

void StrategySpec::set(std::string_view parameter, std::string_view text, std::string_view where) {
  const auto at = std::find_if(parameters.begin(), parameters.end(),
                               [&](const StrategyParameter& one) { return one.name == parameter; });
  if (at == parameters.end()) {
    fail(Fault::config, "{}: {} has no parameter `{}`{}", where, name, parameter,
         did_you_mean(parameter, names_of(*this)));
  }
  if (at->is_text) {
    at->text = text;
    return;
  }
  const auto span = at->is_duration ? parse_duration(text) : std::nullopt;
  const auto number = at->is_duration ? std::nullopt : parse_number(text);
  if (!span && !number) {
    fail(Fault::config, "{}: parameter `{}`: expected {}, was `{}`", where, parameter,
         at->is_duration ? "a length of time such as 15m" : "a number", text);
  }
  const double value = span ? static_cast<double>(*span) / 1e9 : *number;
  if (at->least < at->most && !(value >= at->least && value <= at->most)) {
    fail(Fault::config, "{}: parameter `{}`: expected {} to {}{}, was {}", where, parameter, format_number(at->least),
         format_number(at->most), at->is_duration ? " s" : "", text);
  }
  at->text = span ? std::string(text) : format_number(*number);
  at->value = value;
}

void insert_parameters(StrategySpec& spec) {
  std::vector<std::string> problems;
  for (auto* list : {&spec.features.lets, &spec.features.features}) {
    for (Definition& one : *list) {
      if (!one.is_used) insert(one, spec, problems);
    }
  }
  for (RuleText& rule : spec.rules) insert(rule.definition, spec, problems);
  if (!problems.empty()) fail(Fault::config, "{}", fmt::join(problems, "\n"));
}

}  // namespace millrace
