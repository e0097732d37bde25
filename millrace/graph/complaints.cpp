#include "millrace/graph/complaints.h"

#include <algorithm>

#include <fmt/format.h>

#include "millrace/base/error.h"

namespace millrace {

namespace {

/// The part of a long line around `column`, and how far the caret below it stands in.
struct Excerpt {
  std::string text;
  std::size_t caret;  // from 1
};

Excerpt excerpt_of(std::string_view line, std::size_t column) {
  constexpr std::size_t longest = 120, before = 60;
  if (line.size() <= longest) return {std::string(line), column};
  const std::size_t first = std::min(column > before ? column - before : 0, line.size() - longest);
  const bool is_cut_before = first > 0, is_cut_after = first + longest < line.size();
  return {fmt::format("{}{}{}", is_cut_before ? "…" : "", line.substr(first, longest), is_cut_after ? "…" : ""),
          column - first + (is_cut_before ? 1 : 0)};
}

}  // namespace

void Complaints::add(const Definition& definition, std::size_t at, std::string_view what) {
  if (messages_.size() == limit) {
    messages_.push_back("and perhaps more");
    check();
  }
  const std::string_view text = definition.expression;
  at = std::min(at, text.size());
  const std::size_t line_break = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  const std::size_t line_start = line_break == std::string_view::npos ? 0 : line_break + 1;
  const auto breaks =
      static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(line_start), '\n'));
  const std::string_view line = text.substr(line_start, text.find('\n', line_start) - line_start);
  const std::size_t column = at - line_start + 1;
  const std::size_t file_column = breaks == 0 && definition.column > 0 ? definition.column + column - 1 : column;
  const std::string& file = definition.file.empty() ? set_.file : definition.file;
  const std::string place = definition.line > 0 ? fmt::format("{}:{}:{}", file, definition.line + breaks, file_column)
                                                : fmt::format("line {}, column {}", breaks + 1, column);
  const Excerpt excerpt = excerpt_of(line, column);
  messages_.push_back(
      fmt::format("{}: `{}`: {}\n  {}\n  {:>{}}", place, definition.name, what, excerpt.text, '^', excerpt.caret));
}

void Complaints::check() const {
  if (!messages_.empty()) fail(Fault::config, "{}", fmt::join(messages_, "\n"));
}

}  // namespace millrace
