#include "millrace/engine/toml_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/engine/toml_library.h"
#include "millrace/engine/toml_lines.h"

namespace millrace {

namespace {

TomlValue value_of(const toml::node& node, const TomlLines& lines);

void add_members(TomlValue& value, const toml::table& table, const TomlLines& lines) {
  for (auto&& [key, node] : table) {
    TomlValue member = value_of(node, lines);
    member.key = std::string(key.str());
    member.line = key.source().begin.line;
    member.column = key.source().begin.column;
    value.members.push_back(std::move(member));
  }
  std::stable_sort(value.members.begin(), value.members.end(), [](const TomlValue& a, const TomlValue& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
}

TomlValue value_of(const toml::node& node, const TomlLines& lines) {
  TomlValue value{.line = node.source().begin.line, .column = node.source().begin.column};
  if (const auto* table = node.as_table()) {
    add_members(value, *table, lines);
  } else if (const auto* array = node.as_array()) {
    value.type = TomlValue::Type::array;
    for (const toml::node& one : *array) value.members.push_back(value_of(one, lines));
  } else if (const auto* text = node.as_string()) {
    value.type = TomlValue::Type::text;
    value.text = text->get();
    std::tie(value.text_line, value.text_column) = lines.inside(value.line, value.column);
  } else if (const auto* integer = node.as_integer()) {
    value.type = TomlValue::Type::integer;
    value.number = static_cast<double>(integer->get());
    value.text = fmt::format("{}", integer->get());
  } else if (const auto* number = node.as_floating_point()) {
    value.type = TomlValue::Type::number;
    value.number = number->get();
    value.text = format_number(number->get());
  } else if (const auto* truth = node.as_boolean()) {
    value.type = TomlValue::Type::boolean;
    value.number = truth->get() ? 1.0 : 0.0;
    value.text = truth->get() ? "true" : "false";
  } else {
    value.type = TomlValue::Type::time;
  }
  return value;
}

}  // namespace

const TomlValue* TomlValue::find(std::string_view name) const {
  const auto at = std::find_if(members.begin(), members.end(), [&](const TomlValue& one) { return one.key == name; });
  return at == members.end() ? nullptr : &*at;
}

std::string_view TomlValue::type_name() const {
  switch (type) {
    case Type::table: return "a table";
    case Type::array: return "an array";
    case Type::text: return "a text";
    case Type::integer: return "a whole number";
    case Type::number: return "a number";
    case Type::boolean: return "true or false";
    case Type::time: break;
  }
  return "a date or time";
}

TomlValue parse_toml(std::string_view text, const std::string& file) {
  if (text.size() > longest_toml_file) {
    fail(Fault::config, "{}: expected at most {} bytes, was {}", file, longest_toml_file, text.size());
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a mark of UTF-8 would shift columns
  const TomlLines lines(text);
  if (const std::size_t line = lines.overnested(); line > 0) {
    fail(Fault::config, "{}:{}:1: expected at most {} dots, were more", file, line, TomlLines::most_dots);
  }
  try {
    const toml::table root = toml::parse(text);
    return value_of(root, lines);
  } catch (const toml::parse_error& problem) {
    const auto at = problem.source().begin;
    fail(Fault::config, "{}:{}:{}: expected TOML: {}", file, at.line, at.column, problem.description());
  }
}

TomlValue read_toml_file(const std::string& path) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) fail(Fault::config, "{}: expected a file, was a folder", path);
  std::ifstream stream(path, std::ios::binary);
  std::string text(longest_toml_file + 1, '\0');
  if (!stream) fail(Fault::config, "{}: expected a TOML file, cannot be opened", path);
  if (!stream.read(text.data(), static_cast<std::streamsize>(text.size())).eof()) {
    fail(Fault::config, "{}: expected at most {} bytes, was longer", path, longest_toml_file);
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return parse_toml(text, path);
}

std::string place_of(const std::string& file, const TomlValue& value) {
  return fmt::format("{}:{}:{}: key `{}`", file, value.line, value.column, value.key.substr(0, 40));
}

void fail_at(const std::string& file, const TomlValue& value, const std::string& what) {
  fail(Fault::config, "{}: {}", place_of(file, value), what);
}

void expect_type(const std::string& file, const TomlValue& value, TomlValue::Type type, std::string_view expected) {
  if (value.type != type) fail_at(file, value, fmt::format("expected {}, was {}", expected, value.type_name()));
}

void fail_unknown(const std::string& file, const TomlValue& value, std::span<const std::string_view> names) {
  fail_at(
      file, value,
      fmt::format("expected one of {}, was `{}`{}", fmt::join(names, ", "), value.key, did_you_mean(value.key, names)));
}

}  // namespace millrace
