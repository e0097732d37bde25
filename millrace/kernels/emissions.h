#pragma once

#include <array>
#include <vector>

#include "millrace/base/aligned.h"
#include "millrace/kernels/kernel.h"

namespace millrace {

/// The bars that a kernel closes within a block: any number on a row, oldest first. Allocates only where a block closes
/// more of them than any before.
class Emissions {
 public:
  /// Room in front of each column, for the value before the block.
  static constexpr std::size_t lead = 8;
  static constexpr std::size_t most_by_row = 1U << 16;  // further ones of one row are left out: 45 days of minutes

  explicit Emissions(std::size_t outputs) : outputs_(outputs) {
    for (std::size_t i = 0; i < outputs; ++i) columns_[i].resize(lead + block_rows, no_value);
    row_.reserve(block_rows);
  }

  void clear() { row_.clear(); }

  template <std::size_t N>
  void add(std::size_t row, const std::array<Cell, N>& values) {
    if (row_.size() >= most_by_row && row_[row_.size() - most_by_row] == row) return;
    const std::size_t at = lead + row_.size();
    row_.push_back(static_cast<std::uint32_t>(row));
    for (std::size_t i = 0; i < N; ++i) {
      if (columns_[i].size() == at) columns_[i].resize(2 * at, no_value);
      columns_[i][at] = values[i].slot;
    }
  }

  /// Rows as they were counted by `names`, which stands for each by another number, in the same order.
  void renumber(const std::vector<std::uint16_t>& names) {
    for (std::uint32_t& row : row_) row = names[row];
  }

  std::size_t size() const { return row_.size(); }
  std::size_t outputs() const { return outputs_; }
  const std::vector<std::uint32_t>& rows() const { return row_; }  // ascending; by emission: its row of the block
  double* column(std::size_t output) { return columns_[output].data() + lead; }

 private:
  std::size_t outputs_;
  std::vector<std::uint32_t> row_;
  std::array<AlignedVector<double>, largest_outputs> columns_;
};

/// What `update` of a kernel that closes bars is handed: called with a bar's N outputs.
template <std::size_t N>
struct Emit {
  static constexpr std::size_t outputs = N;
  Emissions* emissions;
  std::size_t row;

  void operator()(const std::array<Cell, N>& values) const { emissions->add(row, values); }
};

}  // namespace millrace
