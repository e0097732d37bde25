#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// A value of a TOML file with its place, so that what reads it can say where something is wrong.
struct TomlValue {
  enum class Type : std::uint8_t { table, array, text, integer, number, boolean, time };
  Type type = Type::table;
  std::string key;                             // in its table; empty in an array
  std::size_t line = 0, column = 0;            // of the key, or of an array's element
  std::size_t text_line = 0, text_column = 0;  // of the first character inside the quotes of a text
  std::string text;                            // of a text; of others as written in a message
  double number = 0.0;                         // of an integer or number; 1 and 0 of a boolean
  std::vector<TomlValue> members;              // of a table, in the order of the file, or of an array

  const TomlValue* find(std::string_view name) const;
  std::string_view type_name() const;  // "a table", "a text"
};

inline constexpr std::size_t longest_toml_file = 1024 * 1024;  // bytes

/// Parses a whole file's text. Throws Error(Fault::config) as "file:line:column: expected TOML: …".
TomlValue parse_toml(std::string_view text, const std::string& file);

/// Reads and parses. Throws Error(Fault::config) where it cannot be read.
TomlValue read_toml_file(const std::string& path);

/// "file:line:column: key `x`".
std::string place_of(const std::string& file, const TomlValue& value);

/// Ends the reading of a file as Error(Fault::config) that begins with the value's place.
[[noreturn]] void fail_at(const std::string& file, const TomlValue& value, const std::string& what);

/// Fails unless the value is of the type; `expected` as in "a table of fees".
void expect_type(const std::string& file, const TomlValue& value, TomlValue::Type type, std::string_view expected);

/// Fails for a key that is none of `names`, with the nearest of them.
[[noreturn]] void fail_unknown(const std::string& file, const TomlValue& value,
                               std::span<const std::string_view> names);

}  // namespace millrace
