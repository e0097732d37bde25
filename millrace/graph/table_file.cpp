#include "millrace/graph/table_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "millrace/base/checksum.h"
#include "millrace/base/text.h"

namespace millrace {

namespace {

constexpr std::string_view header = "i,s,g";

struct Cell {
  std::int64_t i, s;
  double g;
};

std::optional<Cell> cell_of(std::string_view line) {
  const std::vector<std::string_view> fields = split(line, ',');
  if (fields.size() != 3) return std::nullopt;
  const auto i = parse_integer(trimmed(fields[0])), s = parse_integer(trimmed(fields[1]));
  const auto g = parse_number(trimmed(fields[2]));
  const bool is_sound =
      i && *i >= 0 && *i <= largest_table_index && s && *s >= 1 && *s <= largest_table_index && g && std::isfinite(*g);
  return is_sound ? std::optional(Cell{*i, *s, *g}) : std::nullopt;
}

}  // namespace

std::variant<Table, std::string> parse_table(std::string_view text, std::string_view name) {
  std::map<std::pair<std::int64_t, std::int64_t>, double> cells;
  Table table{.hash = fnv1a(text)};
  std::size_t number = 0;
  bool has_header = false;
  for (const std::string_view raw : split(text, '\n')) {
    ++number;
    const std::string_view line = trimmed(raw);
    if (line.empty() || line.front() == '#') continue;
    if (!std::exchange(has_header, true)) {
      if (line == header) continue;
      return fmt::format("{}:{}: expected the header `{}`, was `{}`", name, number, header, line.substr(0, 40));
    }
    const auto cell = cell_of(line);
    if (!cell) {
      return fmt::format("{}:{}: expected i from 0 to {}, s from 1 to {} and a number g, was `{}`", name, number,
                         largest_table_index, largest_table_index, line.substr(0, 40));
    }
    if (!cells.emplace(std::pair(cell->i, cell->s), cell->g).second) {
      return fmt::format("{}:{}: expected each cell once, was i={}, s={} again", name, number, cell->i, cell->s);
    }
    table.rows = std::max(table.rows, cell->i + 1);
    table.columns = std::max(table.columns, cell->s);
  }
  if (cells.empty()) return fmt::format("{}:{}: expected `{}` and its cells, was the end", name, number, header);
  table.cells.assign(static_cast<std::size_t>(table.rows * table.columns), no_value);
  for (const auto& [place, g] : cells) table.at(place.first, place.second) = g;
  return table;
}

std::variant<Table, std::string> read_table(const std::string& path) {
  std::error_code problem;
  // Also keeps out pipes and devices, which have no end.
  if (!std::filesystem::is_regular_file(path, problem)) {
    return fmt::format("{}: expected a file, was {}", path, problem ? problem.message() : "something else");
  }
  std::ifstream stream(path, std::ios::binary);
  std::string text(longest_table_file + 1, '\0');
  if (!stream || !stream.read(text.data(), static_cast<std::streamsize>(text.size())).eof()) {
    return stream.is_open() ? fmt::format("{}: expected at most {} bytes, was longer", path, longest_table_file)
                            : fmt::format("{}: cannot be opened", path);
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return parse_table(text, path);
}

std::string text_of(const Table& table) {
  std::string text = fmt::format("{}\n", header);
  for (std::int64_t i = 0; i < table.rows; ++i) {
    for (std::int64_t s = 1; s <= table.columns; ++s) {
      const double g = table.at(i, s);
      if (has_value(g)) text += fmt::format("{},{},{}\n", i, s, format_number(g));
    }
  }
  return text;
}

}  // namespace millrace
