#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <arrow/type_fwd.h>

#include "millrace/asof/rule.h"
#include "millrace/base/aligned.h"

namespace millrace {

/// A column of times as nanoseconds, null = no_time. Timestamps tell their unit, integers are counts of `unit_ns`.
/// Columns of nanoseconds without nulls are not copied. `where` names the file.
class AsofTimes {
 public:
  AsofTimes(const std::shared_ptr<arrow::Array>& column, Nanos unit_ns, std::string_view where, std::string_view name);

  std::span<const Nanos> values() const { return values_; }

 private:
  std::shared_ptr<arrow::Array> held_;
  AlignedVector<Nanos> converted_;
  std::span<const Nanos> values_;
};

/// A column of integers that orders rows of equal time; null = no_seq.
AlignedVector<std::int64_t> asof_seqs(const arrow::Array& column, std::string_view where, std::string_view name);

/// Turns key columns of both sides into dense numbers, equal for equal values. Text that is coded by a dictionary is
/// looked up once for each word, and not for each row.
class AsofKeys {
 public:
  explicit AsofKeys(std::size_t columns) : columns_(columns) {}

  /// One number for each row; a null in any column gives `no_key`. Empty where there are no key columns.
  AlignedVector<KeyNumber> code(const std::vector<std::shared_ptr<arrow::Array>>& columns);

  /// One more than the greatest number so far.
  std::size_t most() const { return most_; }

  /// Whether columns of the type can be keys: integers and texts, plain or coded by a dictionary.
  static bool is_key(const arrow::DataType& type);
  /// Texts of all kinds are one type, and a dictionary has the type of its words.
  static bool are_equal(const arrow::DataType& a, const arrow::DataType& b);

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  struct Column {
    std::unordered_map<std::string, KeyNumber, TextHash, std::equal_to<>> texts;
    std::unordered_map<std::uint64_t, KeyNumber> integers;
    std::shared_ptr<arrow::ArrayData> words;  // the dictionary last met, and its codes
    AlignedVector<KeyNumber> codes;
  };

  static void code_column(Column& column, const std::shared_ptr<arrow::Array>& values, AlignedVector<KeyNumber>& out);

  std::vector<Column> columns_;
  std::size_t most_ = 0;
  std::vector<std::unordered_map<std::uint64_t, KeyNumber>> pairs_;  // of the key so far and the next column's
};

}  // namespace millrace
