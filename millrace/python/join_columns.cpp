#include "millrace/python/join_columns.h"

#include <algorithm>
#include <limits>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/base/time.h"
#include "millrace/io/text_codes.h"

namespace millrace {

namespace {

bool is_integer(ArrowType type) {
  switch (type) {
    case NANOARROW_TYPE_INT8:
    case NANOARROW_TYPE_INT16:
    case NANOARROW_TYPE_INT32:
    case NANOARROW_TYPE_INT64:
    case NANOARROW_TYPE_UINT8:
    case NANOARROW_TYPE_UINT16:
    case NANOARROW_TYPE_UINT32:
    case NANOARROW_TYPE_UINT64: return true;
    default: return false;
  }
}

bool is_text(ArrowType type) {
  return type == NANOARROW_TYPE_STRING || type == NANOARROW_TYPE_LARGE_STRING || type == NANOARROW_TYPE_STRING_VIEW;
}

/// Of a dictionary, the type of its words.
ArrowType word_type(const TableRows& table, std::size_t column) {
  const ArrowSchema& field = table.field(column);
  return view_of(field.dictionary == nullptr ? field : *field.dictionary, table.where()).type;
}

[[noreturn]] void fail_type(const TableRows& table, std::size_t column, std::string_view expected) {
  fail(Fault::input, "{}: column `{}` has the wrong type; expected {}, found {}", table.where(), table.name(column),
       expected, table.type_text(column));
}

Nanos unit_of(const TableRows& table, std::size_t column, Nanos unit_ns) {
  const ArrowSchemaView about = view_of(table.field(column), table.where());
  if (about.type == NANOARROW_TYPE_TIMESTAMP) {
    switch (about.time_unit) {
      case NANOARROW_TIME_UNIT_SECOND: return one_second;
      case NANOARROW_TIME_UNIT_MILLI: return 1'000'000;
      case NANOARROW_TIME_UNIT_MICRO: return 1'000;
      case NANOARROW_TIME_UNIT_NANO: break;
    }
    return 1;
  }
  if (!is_integer(about.type)) fail_type(table, column, "a timestamp or integers");
  return unit_ns;
}

/// 64 bits each, and no nulls.
bool are_plain_integers(const TableRows& table, std::size_t column) {
  return std::all_of(table.batches().begin(), table.batches().end(), [&](const auto& batch) {
    const ArrowArrayView& view = *batch->view->children[column];
    return view.storage_type == NANOARROW_TYPE_INT64 && ArrowArrayViewComputeNullCount(&view) == 0;
  });
}

/// visit(row of the table, view, place in it) for each row of a column.
template <class Visit>
void for_each_row(const TableRows& table, std::size_t column, Visit&& visit) {
  std::size_t row = 0;
  for (const auto& batch : table.batches()) {
    const ArrowArrayView& view = *batch->view->children[column];
    const std::int64_t first = batch->array->offset;
    for (std::int64_t at = first; at < first + batch->rows(); ++at) visit(row++, view, at);
  }
}

/// The integer of the row; false where it is no int64.
bool read_integer(const ArrowArrayView& view, std::int64_t at, std::int64_t& value) {
  if (view.storage_type == NANOARROW_TYPE_UINT64) {
    const std::uint64_t whole = ArrowArrayViewGetUIntUnsafe(&view, at);
    value = static_cast<std::int64_t>(whole);
    return whole <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  }
  value = ArrowArrayViewGetIntUnsafe(&view, at);
  return true;
}

template <class Map, class Value>
KeyNumber intern(Map& map, const Value& value) {
  const auto at = map.find(value);
  if (at != map.end()) return at->second;
  if (map.size() >= no_key) fail(Fault::input, "asof: expected fewer than {} different keys", no_key);
  return map.emplace(value, static_cast<KeyNumber>(map.size())).first->second;
}

}  // namespace

std::size_t find_join_column(const TableRows& table, const std::string& name) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < table.columns(); ++i) names.push_back(table.name(i));
  const auto found = std::count(names.begin(), names.end(), name);
  if (found > 1) fail(Fault::input, "{}: column `{}`: expected one, found {}", table.where(), name, found);
  if (found == 1) return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  fail(Fault::input, "{}: column `{}` is missing{}", table.where(), name,
       did_you_mean(name, std::vector<std::string_view>(names.begin(), names.end())));
}

AlignedVector<Nanos> join_times(const TableRows& table, std::size_t column, Nanos unit_ns) {
  const Nanos unit = unit_of(table, column, unit_ns);
  AlignedVector<Nanos> times(table.rows());
  if (unit == 1 && are_plain_integers(table, column)) {
    Nanos* out = times.data();
    for (const auto& batch : table.batches()) {
      const ArrowArrayView& view = *batch->view->children[column];
      out = std::copy_n(view.buffer_views[1].data.as_int64 + view.offset + batch->array->offset, batch->rows(), out);
    }
    return times;
  }
  for_each_row(table, column, [&](std::size_t row, const ArrowArrayView& view, std::int64_t at) {
    std::int64_t value = 0;
    if (ArrowArrayViewIsNull(&view, at) != 0) {
      times[row] = no_time;
    } else if (!read_integer(view, at, value) || __builtin_mul_overflow(value, unit, &times[row])) {
      fail(Fault::input, "{}: column `{}`: row {}: expected a time between 1678 and 2262, found {} of {} ns",
           table.where(), table.name(column), row + 1, value, unit);
    }
  });
  return times;
}

AlignedVector<std::int64_t> join_seqs(const TableRows& table, std::size_t column) {
  const ArrowType type = view_of(table.field(column), table.where()).type;
  if (!is_integer(type)) fail_type(table, column, "integers");
  AlignedVector<std::int64_t> seqs(table.rows());
  for_each_row(table, column, [&](std::size_t row, const ArrowArrayView& view, std::int64_t at) {
    if (ArrowArrayViewIsNull(&view, at) != 0) {
      seqs[row] = no_seq;
    } else if (!read_integer(view, at, seqs[row])) {
      fail(Fault::input, "{}: column `{}`: expected numbers below 2^63, found {}", table.where(), table.name(column),
           static_cast<std::uint64_t>(seqs[row]));
    }
  });
  return seqs;
}

/// A text met lately costs a comparison, and each distinct one a look-up.
void JoinKeys::code_texts(Column& column, const ArrowArrayView& values, std::int64_t first, KeyNumber* out,
                          std::int64_t count) {
  TextCodes texts;
  TextCoder coder(texts, static_cast<std::size_t>(count));
  for (std::int64_t row = first; row < first + count; ++row) {
    if (ArrowArrayViewIsNull(&values, row) != 0) {
      coder.add_null();
      continue;
    }
    const ArrowStringView text = ArrowArrayViewGetStringUnsafe(&values, row);
    coder.add({text.data, static_cast<std::size_t>(text.size_bytes)});
  }
  std::vector<KeyNumber> numbers;
  numbers.reserve(texts.texts.size());
  for (const std::string_view text : texts.texts) numbers.push_back(intern(column.texts, text));
  for (std::size_t i = 0; i < texts.codes.size(); ++i) {
    out[i] = texts.codes[i] < 0 ? no_key : numbers[static_cast<std::size_t>(texts.codes[i])];
  }
}

void JoinKeys::code_values(Column& column, const ArrowArrayView& values, std::int64_t first, KeyNumber* out,
                           std::int64_t count) {
  if (is_text(values.storage_type)) return code_texts(column, values, first, out, count);
  KeyNumber number = no_key;
  std::uint64_t last = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    if (ArrowArrayViewIsNull(&values, first + i) != 0) {
      out[i] = no_key;
      continue;
    }
    const bool is_unsigned = values.storage_type == NANOARROW_TYPE_UINT64;
    const std::uint64_t value = is_unsigned
                                    ? ArrowArrayViewGetUIntUnsafe(&values, first + i)
                                    : static_cast<std::uint64_t>(ArrowArrayViewGetIntUnsafe(&values, first + i));
    if (number == no_key || value != last) number = intern(column.integers, value);
    last = value;
    out[i] = number;
  }
}

/// Words of a dictionary are looked up once, and not for each row.
void JoinKeys::code_batch(Column& column, const ArrowArrayView& values, std::int64_t first, KeyNumber* out,
                          std::int64_t count, const std::string& where) {
  if (values.dictionary == nullptr) return code_values(column, values, first, out, count);
  const ArrowArrayView& words = *values.dictionary;
  std::vector<KeyNumber> codes(static_cast<std::size_t>(words.length));
  code_values(column, words, 0, codes.data(), words.length);
  for (std::int64_t i = 0; i < count; ++i) {
    out[i] = no_key;
    if (ArrowArrayViewIsNull(&values, first + i) != 0) continue;
    const std::int64_t word = ArrowArrayViewGetIntUnsafe(&values, first + i);
    if (word < 0 || word >= words.length) {
      fail(Fault::input, "{} names word {} of a dictionary of {}", where, word, words.length);
    }
    out[i] = codes[static_cast<std::size_t>(word)];
  }
}

AlignedVector<KeyNumber> JoinKeys::code(const TableRows& table, const std::vector<std::size_t>& columns) {
  AlignedVector<KeyNumber> keys, next;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    AlignedVector<KeyNumber>& codes = c == 0 ? keys : next;
    codes.resize(table.rows());
    KeyNumber* out = codes.data();
    for (const auto& batch : table.batches()) {
      code_batch(columns_[c], *batch->view->children[columns[c]], batch->array->offset, out, batch->rows(),
                 fmt::format("{}: column `{}`", table.where(), table.name(columns[c])));
      out += batch->rows();
    }
    for (std::size_t i = 0; c > 0 && i < keys.size(); ++i) {
      const bool is_null = keys[i] == no_key || next[i] == no_key;
      keys[i] = is_null ? no_key : intern(pairs_[c], std::uint64_t{keys[i]} << 32U | next[i]);
    }
  }
  if (columns.empty()) return keys;
  const std::size_t numbers =
      columns.size() > 1 ? pairs_.back().size() : columns_[0].texts.size() + columns_[0].integers.size();
  most_ = std::max(most_, numbers);
  return keys;
}

void check_join_keys(const TableRows& left, std::size_t left_column, const TableRows& right, std::size_t right_column) {
  for (const auto& [table, column] : {std::pair{&left, left_column}, {&right, right_column}}) {
    const ArrowType type = word_type(*table, column);
    if (!is_text(type) && !is_integer(type)) fail_type(*table, column, "integers or texts to join by");
  }
  const ArrowType a = word_type(left, left_column), b = word_type(right, right_column);
  if (a == b || (is_text(a) && is_text(b))) return;
  fail(Fault::input, "column `{}`: expected one type on both sides, found {} in {} and {} in {}",
       left.name(left_column), left.type_text(left_column), left.where(), right.type_text(right_column), right.where());
}

}  // namespace millrace
