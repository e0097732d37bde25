#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "millrace/kernels/table.h"

namespace millrace {

inline constexpr std::size_t longest_table_file = 1 << 20;  // bytes
inline constexpr std::int64_t largest_table_index = 999;    // of i and of s

/// Reads a CSV file with the header `i,s,g` and one cell a line, or says what is wrong: "FILE:LINE: expected …, was …".
/// A relative path starts at the working directory. Blank lines and lines that begin with # are left out.
std::variant<Table, std::string> read_table(const std::string& path);

/// The same of a text; `name` stands for the file in messages.
std::variant<Table, std::string> parse_table(std::string_view text, std::string_view name);

/// The text that reads back as the same cells.
std::string text_of(const Table& table);

}  // namespace millrace
