#include "millrace/engine/row_filter.h"

#include <utility>

namespace millrace {

namespace {

/// Keeps the elements whose row is kept; `order` is still that of before.
template <class Column>
void thin(Column& column, const std::vector<std::uint32_t>& order, const std::vector<std::uint8_t>& keep) {
  if (column.empty()) return;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    column[kept] = column[i];
    kept += keep[order[i]];
  }
  column.resize(kept);
}

}  // namespace

void RowFilter::add_to(FeatureSet& set, const std::string& expression) {
  set.features.push_back({.name = "--where", .expression = expression, .file = "--where"});
}

std::uint64_t RowFilter::apply(Chunk& chunk, FeatureBlock& features) {
  const std::size_t rows = chunk.rows();
  const FeatureColumn& where = features.columns.back();
  keep_.assign(rows, 0);
  for (std::size_t i = 0; i < rows; ++i) keep_[features.order[i]] = where.number(i) == 1.0 ? 1 : 0;
  features.columns.pop_back();
  for (FeatureColumn& column : features.columns) {
    thin(column.values, features.order, keep_);
    thin(column.flags, features.order, keep_);
    thin(column.integers, features.order, keep_);
  }
  new_row_.resize(rows);
  std::uint32_t kept = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    new_row_[row] = kept;
    kept += keep_[row];
  }
  const std::vector<std::uint32_t> before = features.order;
  thin(features.order, before, keep_);
  for (std::uint32_t& row : features.order) row = new_row_[row];
  chunk.compact(keep_);
  return rows - kept;
}

}  // namespace millrace
