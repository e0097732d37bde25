#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace millrace {

/// What two tables of the same columns have in common, row by row.
struct TableDifference {
  std::uint64_t rows_a = 0, rows_b = 0;
  std::uint64_t differing = 0;  // rows that are not equal, up to the shorter table's end
  bool is_same() const { return differing == 0 && rows_a == rows_b; }
  std::uint64_t first_row = 0;  // counted from 0
  std::string time_a, time_b;   // of its first time column
  std::vector<std::string>
      details;  // "price: 1.5 and 1.6", of the first row that differs; "price: 1.5" where only one has it
};

/// Compares two Parquet files. Throws Error(Fault::input) where one cannot be read or their columns differ.
TableDifference compare_tables(const std::string& a, const std::string& b);

}  // namespace millrace
