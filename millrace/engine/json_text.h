#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "millrace/base/time.h"

namespace millrace {

/// `null` for what JSON cannot hold: NaN and infinity.
std::string json_number(double value);

/// `{"a":1,…}`, written member by member. Keys are ours and need no quoting.
class JsonObject {
 public:
  JsonObject& add(std::string_view key, double value) { return raw(key, json_number(value)); }
  template <std::integral I>
  JsonObject& add(std::string_view key, I value) {
    return raw(key, std::to_string(value));
  }
  JsonObject& add(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
  JsonObject& text(std::string_view key, std::string_view value);
  JsonObject& time(std::string_view key, Nanos value);  // RFC 3339, or null
  JsonObject& raw(std::string_view key, std::string_view json);

  std::string done() const { return text_ + "}"; }

 private:
  std::string text_ = "{";
};

/// `[…]` of what `json_of` makes of each element.
template <typename List, typename JsonOf>
std::string json_list(const List& list, JsonOf json_of) {
  std::string text = "[";
  for (const auto& element : list) {
    if (text.size() > 1) text += ',';
    text += json_of(element);
  }
  return text + "]";
}

}  // namespace millrace
