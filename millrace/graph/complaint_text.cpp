#include "millrace/graph/complaint_text.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace millrace {

std::string complaint_text(const std::string& file, const Definition& definition, std::size_t at,
                           const std::string& what) {
  const std::string_view text = definition.expression;
  at = std::min(at, text.size());
  const std::size_t line_break = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  const std::size_t line_start = line_break == std::string_view::npos ? 0 : line_break + 1;
  const auto breaks =
      static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(line_start), '\n'));
  const std::string_view line = text.substr(line_start, text.find('\n', line_start) - line_start);
  const std::size_t column = at - line_start + 1;
  const std::size_t file_column = breaks == 0 && definition.column > 0 ? definition.column + column - 1 : column;
  const std::string& named = definition.file.empty() ? file : definition.file;
  const std::string place = definition.line > 0 ? fmt::format("{}:{}:{}", named, definition.line + breaks, file_column)
                                                : fmt::format("line {}, column {}", breaks + 1, column);
  return fmt::format("{}: `{}`: {}\n  {}\n  {:>{}}", place, definition.name, what, line, '^', column);
}

}  // namespace millrace
