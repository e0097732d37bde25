#include "millrace/io/table_compare.h"

#include <algorithm>
#include <memory>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/io/arrow_result.h"
#include "millrace/io/table_file.h"

namespace millrace {

namespace {

std::shared_ptr<arrow::Table> read(const std::string& path) {
  const TableFile file(path, {});
  return take(take(file.batches()->ToTable(), Fault::input, path)->CombineChunks(), Fault::input, path);
}

std::string text_at(const arrow::Table& table, int column, std::int64_t row) {
  if (row >= table.num_rows()) return "nothing";
  const auto scalar = take(table.column(column)->GetScalar(row), Fault::input, "compare");
  return scalar->is_valid ? scalar->ToString() : "null";
}

std::string first_time(const arrow::Table& table, std::int64_t row) {
  for (int i = 0; i < table.num_columns(); ++i) {
    if (table.column(i)->type()->id() == arrow::Type::TIMESTAMP) return text_at(table, i, row);
  }
  return {};
}

/// By row: whether any column differs.
std::vector<std::uint8_t> differing_rows(const arrow::Table& a, const arrow::Table& b, std::int64_t rows) {
  std::vector<std::uint8_t> differs(static_cast<std::size_t>(rows), 0);
  for (int i = 0; i < a.num_columns(); ++i) {
    if (a.column(i)->num_chunks() == 0 || b.column(i)->num_chunks() == 0) continue;
    const auto& left = *a.column(i)->chunk(0);
    const auto& right = *b.column(i)->chunk(0);
    if (left.Slice(0, rows)->Equals(right.Slice(0, rows))) continue;
    for (std::int64_t row = 0; row < rows; ++row) {
      if (!left.RangeEquals(right, row, row + 1, row)) differs[static_cast<std::size_t>(row)] = 1;
    }
  }
  return differs;
}

}  // namespace

TableDifference compare_tables(const std::string& a, const std::string& b) {
  const auto left = read(a), right = read(b);
  if (!left->schema()->Equals(*right->schema(), false)) {
    fail(Fault::input, "{} and {}: expected the same columns; they were written by different versions", a, b);
  }
  TableDifference result{.rows_a = static_cast<std::uint64_t>(left->num_rows()),
                         .rows_b = static_cast<std::uint64_t>(right->num_rows())};
  const std::int64_t common = std::min(left->num_rows(), right->num_rows());
  const std::vector<std::uint8_t> differs = differing_rows(*left, *right, common);
  result.differing = static_cast<std::uint64_t>(std::count(differs.begin(), differs.end(), 1));
  if (result.is_same()) return result;
  const auto first = std::find(differs.begin(), differs.end(), 1) - differs.begin();
  result.first_row = static_cast<std::uint64_t>(first);
  result.time_a = first_time(*left, first);
  result.time_b = first_time(*right, first);
  for (int i = 0; i < left->num_columns(); ++i) {
    const std::string x = text_at(*left, i, first), y = text_at(*right, i, first);
    const std::string& name = left->schema()->field(i)->name();
    if (first < common) {
      if (x != y) result.details.push_back(fmt::format("{}: {} and {}", name, x, y));
    } else if (const std::string& only = first < left->num_rows() ? x : y; only != "null") {
      result.details.push_back(fmt::format("{}: {}", name, only));
    }
  }
  return result;
}

}  // namespace millrace
