#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "millrace/asof/rule.h"
#include "millrace/base/aligned.h"
#include "millrace/python/table_rows.h"

namespace millrace {

// What a join looks at, out of a table that came through the Arrow C interface: `io/asof_columns.h` without Arrow.

/// The one column of the name. Throws Error(Fault::input) where there is none or more than one.
std::size_t find_join_column(const TableRows& table, const std::string& name);

/// Times as nanoseconds, null = no_time. Timestamps tell their unit, integers are counts of `unit_ns`.
AlignedVector<Nanos> join_times(const TableRows& table, std::size_t column, Nanos unit_ns);

/// Integers that order rows of equal time; null = no_seq.
AlignedVector<std::int64_t> join_seqs(const TableRows& table, std::size_t column);

/// Turns key columns of both sides into dense numbers, equal for equal values.
class JoinKeys {
 public:
  explicit JoinKeys(std::size_t columns) : columns_(columns), pairs_(columns) {}

  /// One number for each row; a null in any column gives `no_key`. Empty where there are no key columns.
  AlignedVector<KeyNumber> code(const TableRows& table, const std::vector<std::size_t>& columns);

  /// One more than the greatest number so far.
  std::size_t most() const { return most_; }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  struct Column {
    std::unordered_map<std::string, KeyNumber, TextHash, std::equal_to<>> texts;
    std::unordered_map<std::uint64_t, KeyNumber> integers;
  };

  static void code_texts(Column& column, const ArrowArrayView& values, std::int64_t first, KeyNumber* out,
                         std::int64_t count);
  static void code_values(Column& column, const ArrowArrayView& values, std::int64_t first, KeyNumber* out,
                          std::int64_t count);
  static void code_batch(Column& column, const ArrowArrayView& values, std::int64_t first, KeyNumber* out,
                         std::int64_t count, const std::string& where);

  std::vector<Column> columns_;
  std::vector<std::unordered_map<std::uint64_t, KeyNumber>> pairs_;  // of the key so far and the next column's
  std::size_t most_ = 0;
};

/// Throws Error(Fault::input) where a column cannot be a key, or those of the two sides are of different types. Texts
/// of all kinds are one type, and a dictionary has the type of its words.
void check_join_keys(const TableRows& left, std::size_t left_column, const TableRows& right, std::size_t right_column);

}  // namespace millrace
