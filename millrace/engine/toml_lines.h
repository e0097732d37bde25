#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace {

/// What the TOML library does not tell about a text: where the inside of a quoted value begins, and whether its tables
/// nest too deep to be freed.
class TomlLines {
 public:
  static constexpr std::size_t most_dots = 64;  // of one line, outside quotes: in a key each one nests a table

  explicit TomlLines(std::string_view text);

  /// The place of the first character behind the quotes at line and code point (both from 1), and behind the line break
  /// that a multi-line text may start with.
  std::pair<std::size_t, std::size_t> inside(std::size_t line, std::size_t column) const;

  /// The first line with more than `most_dots`, or 0.
  std::size_t overnested() const;

 private:
  std::string_view from(std::size_t line, std::size_t column) const;

  std::string_view text_;
  std::vector<std::size_t> starts_;  // byte at which each line begins
};

}  // namespace millrace
