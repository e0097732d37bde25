#include "millrace/chunk/chunk.h"

#include <algorithm>
#include <cassert>

namespace millrace {

void Chunk::resize(std::size_t count) {
  instrument.resize(count);
  place.resize(count);
  for_each_column(*this, [&](Column column, auto& values, auto) { values.resize(columns.has(column) ? count : 0); });
}

void Chunk::reset(ColumnSet wanted) {
  columns = wanted | core_columns;
  resize(0);
}

namespace {

/// Where each column lies; nullptr where the chunk has it not.
std::array<const void*, column_count> places_of(const Chunk& chunk) {
  std::array<const void*, column_count> places{};
  for_each_column(chunk, [&](Column column, const auto& values, auto) {
    places[static_cast<std::size_t>(column)] = values.empty() ? nullptr : values.data();
  });
  return places;
}

}  // namespace

void Chunk::append(const Chunk& from, std::size_t first, std::size_t count) {
  assert(first + count <= from.rows());
  const std::size_t before = rows();
  resize(before + count);
  std::copy_n(from.instrument.data() + first, count, instrument.data() + before);
  std::copy_n(from.place.data() + first, count, place.data() + before);
  const auto columns_of_from = places_of(from);
  for_each_column(*this, [&](Column column, auto& values, auto none) {
    if (!columns.has(column)) return;
    using Value = typename std::remove_reference_t<decltype(values)>::value_type;
    const auto* given = static_cast<const Value*>(columns_of_from[static_cast<std::size_t>(column)]);
    if (given != nullptr) {
      std::copy_n(given + first, count, values.data() + before);
    } else {
      std::fill_n(values.data() + before, count, static_cast<Value>(none));
    }
  });
}

void Chunk::take(const Chunk& from, std::span<const std::uint32_t> wanted, std::size_t first) {
  assert(first + wanted.size() <= rows());
  const auto columns_of_from = places_of(from);
  for_each_column(*this, [&](Column column, auto& values, auto) {
    using Value = typename std::remove_reference_t<decltype(values)>::value_type;
    const auto* given = static_cast<const Value*>(columns_of_from[static_cast<std::size_t>(column)]);
    if (values.empty() || given == nullptr) return;
    Value* to = values.data() + first;
    for (std::size_t i = 0; i < wanted.size(); ++i) to[i] = given[wanted[i]];
  });
}

void Chunk::clear_row(std::size_t row) {
  for_each_column(*this, [&](Column column, auto& values, auto none) {
    using Value = typename std::remove_reference_t<decltype(values)>::value_type;
    if (columns.has(column)) values[row] = static_cast<Value>(none);
  });
}

void Chunk::compact(std::span<const std::uint8_t> keep) {
  assert(keep.size() == rows());
  const auto squeeze = [&](auto& values) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < keep.size(); ++i) {
      values[kept] = values[i];
      kept += keep[i] != 0 ? 1 : 0;
    }
    return kept;
  };
  if (keep.empty()) return;
  for_each_column(*this, [&](Column column, auto& values, auto) {
    if (columns.has(column)) squeeze(values);
  });
  squeeze(place);
  resize(squeeze(instrument));
}

}  // namespace millrace
