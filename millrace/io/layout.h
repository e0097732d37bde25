#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/base/time.h"
#include "millrace/chunk/column.h"
#include "millrace/market/tick.h"

namespace millrace {

/// What a field of a file gives: a column of the tick row, half of the instrument's name, or a value from which a
/// column is computed.
enum class Part : std::uint8_t { column, venue, symbol, day_change };

/// One field of a layout.
struct Field {
  std::string_view name;
  Part part = Part::column;
  Column column = Column::price;  // of Part::column
  Nanos time_unit = 0;            // of an integer time; 0 = times of this field are never integers
  bool is_required = false;
};

/// How files of one origin name their fields. Files are recognised by the names of their columns.
struct Layout {
  std::string_view name;
  std::string_view venue;  // implied; empty = a field or the path gives it
  std::string_view mark;   // a column that only files of this layout have
  std::span<const Field> fields;
  std::optional<Kind> kind;  // of every row
  bool has_text_numbers = false;
};

/// The layouts that are known, the canonical one first.
std::span<const Layout> layouts();

/// A column of a file that is read.
struct Binding {
  std::size_t at = 0;  // position in the file
  Field field;
};

/// `venue=…` and `symbol=…` in the path of a partitioned dataset; empty = not there.
struct PathKeys {
  std::string venue, symbol;
};
PathKeys keys_of_path(std::string_view path);

/// The layout of one file and where its columns are.
struct BoundLayout {
  const Layout* layout = nullptr;
  PathKeys keys;
  std::vector<Binding> bindings;
  Kind implied = Kind::ticker;  // of rows that do not say

  ColumnSet columns() const;
  const Binding* find(Column column) const;
  const Binding* find(Part part) const;

  /// The venue or symbol of every row where no column gives it.
  std::string_view implied_text(Part part) const;
};

/// What rows are where no column tells: by the values they can bring. Fails where that leaves a doubt.
Kind implied_kind(std::string_view path, ColumnSet columns);

/// Recognises the layout by the file's column names; fails where none fits or a required column is missing. `keys` name
/// the rows where neither a column nor the path does.
BoundLayout bind_layout(const std::string& path, std::span<const std::string> names, const PathKeys& keys = {});

}  // namespace millrace
