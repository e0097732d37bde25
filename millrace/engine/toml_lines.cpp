#include "millrace/engine/toml_lines.h"

#include <algorithm>
#include <array>

namespace millrace {

namespace {

/// `quotes` is the kind of multi-line text that is open before and after the line.
std::size_t dots_of(std::string_view line, std::string_view& quotes) {
  constexpr std::array<std::string_view, 4> kinds{R"(""")", "'''", R"(")", "'"};
  std::size_t dots = 0;
  while (!line.empty()) {
    std::size_t taken = 1;
    if (quotes.empty()) {
      if (line.front() == '#') break;
      dots += line.front() == '.' ? 1 : 0;
      for (const std::string_view kind : kinds) {
        if (!line.starts_with(kind)) continue;
        quotes = kind;
        taken = kind.size();
        break;
      }
    } else if (line.starts_with(quotes)) {
      taken = quotes.size();
      quotes = {};
    } else if (line.front() == '\\' && quotes.front() == '"') {
      taken = 2;
    }
    line.remove_prefix(std::min(taken, line.size()));
  }
  if (quotes.size() == 1) quotes = {};
  return dots;
}

}  // namespace

TomlLines::TomlLines(std::string_view text) : text_(text) {
  starts_.push_back(0);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') starts_.push_back(i + 1);
  }
}

std::pair<std::size_t, std::size_t> TomlLines::inside(std::size_t line, std::size_t column) const {
  std::string_view rest = from(line, column);
  const bool is_multi_line = rest.starts_with(R"(""")") || rest.starts_with("'''");
  rest.remove_prefix(std::min<std::size_t>(rest.size(), is_multi_line ? 3 : 1));
  if (is_multi_line && (rest.starts_with("\n") || rest.starts_with("\r\n"))) return {line + 1, 1};
  return {line, column + (is_multi_line ? 3 : 1)};
}

std::size_t TomlLines::overnested() const {
  std::string_view quotes;
  for (std::size_t line = 0; line < starts_.size(); ++line) {
    const std::size_t end = line + 1 < starts_.size() ? starts_[line + 1] : text_.size();
    if (dots_of(text_.substr(starts_[line], end - starts_[line]), quotes) > most_dots) return line + 1;
  }
  return 0;
}

std::string_view TomlLines::from(std::size_t line, std::size_t column) const {
  if (line < 1 || line > starts_.size()) return {};
  std::size_t byte = starts_[line - 1];
  for (std::size_t i = 1; i < column && byte < text_.size(); ++i) {
    ++byte;
    while (byte < text_.size() && (static_cast<unsigned char>(text_[byte]) & 0xC0U) == 0x80U) ++byte;
  }
  return text_.substr(byte);
}

}  // namespace millrace
