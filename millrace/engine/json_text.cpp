#include "millrace/engine/json_text.h"

#include <cmath>

#include <fmt/format.h>

#include "millrace/base/text.h"

namespace millrace {

std::string json_number(double value) { return std::isfinite(value) ? fmt::format("{}", value) : "null"; }

JsonObject& JsonObject::text(std::string_view key, std::string_view value) { return raw(key, json_quoted(value)); }

JsonObject& JsonObject::time(std::string_view key, Nanos value) {
  return raw(key, value == no_time ? "null" : json_quoted(format_time(value)));
}

JsonObject& JsonObject::raw(std::string_view key, std::string_view json) {
  if (text_.size() > 1) text_ += ',';
  text_ += fmt::format("\"{}\":{}", key, json);
  return *this;
}

}  // namespace millrace
