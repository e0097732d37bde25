#include "millrace/io/asof_columns.h"

#include <algorithm>
#include <utility>

#include <arrow/array.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>

#include "millrace/base/error.h"

namespace millrace {

namespace {

/// Calls visit(values) with the column's numbers as a pointer of their own type; false where it has none.
template <class Visit>
bool visit_integers(const arrow::Array& column, Visit&& visit) {
  const auto* data = column.data()->buffers.size() > 1 && column.data()->buffers[1] != nullptr
                         ? column.data()->buffers[1]->data()
                         : nullptr;
  const auto as = [&]<class T>(T) {
    visit(reinterpret_cast<const T*>(data) + column.offset());
    return true;
  };
  switch (column.type_id()) {
    case arrow::Type::INT8: return as(std::int8_t{});
    case arrow::Type::INT16: return as(std::int16_t{});
    case arrow::Type::INT32: return as(std::int32_t{});
    case arrow::Type::INT64:
    case arrow::Type::TIMESTAMP: return as(std::int64_t{});
    case arrow::Type::UINT8: return as(std::uint8_t{});
    case arrow::Type::UINT16: return as(std::uint16_t{});
    case arrow::Type::UINT32: return as(std::uint32_t{});
    case arrow::Type::UINT64: return as(std::uint64_t{});
    default: return false;
  }
}

Nanos unit_of(const arrow::DataType& type, Nanos unit_ns) {
  if (type.id() != arrow::Type::TIMESTAMP) return unit_ns;
  switch (static_cast<const arrow::TimestampType&>(type).unit()) {
    case arrow::TimeUnit::SECOND: return 1'000'000'000;
    case arrow::TimeUnit::MILLI: return 1'000'000;
    case arrow::TimeUnit::MICRO: return 1'000;
    case arrow::TimeUnit::NANO: break;
  }
  return 1;
}

template <class Text>
void code_texts(const Text& values, AlignedVector<KeyNumber>& out, auto&& number_of) {
  std::string_view last;
  KeyNumber number = no_key;
  for (std::int64_t i = 0; i < values.length(); ++i) {
    if (values.IsNull(i)) {
      out[static_cast<std::size_t>(i)] = no_key;
      continue;
    }
    const std::string_view text = values.GetView(i);
    if (number == no_key || text != last) number = number_of(text);
    last = text;
    out[static_cast<std::size_t>(i)] = number;
  }
}

template <class Map, class Value>
KeyNumber intern(Map& map, const Value& value) {
  const auto at = map.find(value);
  if (at != map.end()) return at->second;
  if (map.size() >= no_key) fail(Fault::input, "asof: expected fewer than {} different keys", no_key);
  return map.emplace(value, static_cast<KeyNumber>(map.size())).first->second;
}

bool is_text(arrow::Type::type id) {
  return id == arrow::Type::STRING || id == arrow::Type::LARGE_STRING || id == arrow::Type::STRING_VIEW;
}

const arrow::DataType& words_of(const arrow::DataType& type) {
  if (type.id() != arrow::Type::DICTIONARY) return type;
  return *static_cast<const arrow::DictionaryType&>(type).value_type();
}

}  // namespace

AsofTimes::AsofTimes(const std::shared_ptr<arrow::Array>& column, Nanos unit_ns, std::string_view where,
                     std::string_view name)
    : held_(column) {
  const Nanos unit = unit_of(*column->type(), unit_ns);
  const auto count = static_cast<std::size_t>(column->length());
  const bool has_nulls = column->null_count() > 0;
  const bool is_known = visit_integers(*column, [&]<class T>(const T* values) {
    if constexpr (std::is_same_v<T, std::int64_t>) {
      if (unit == 1 && !has_nulls) {
        values_ = {values, count};
        return;
      }
    }
    converted_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      if (has_nulls && column->IsNull(static_cast<std::int64_t>(i))) {
        converted_[i] = no_time;
      } else if (__builtin_mul_overflow(values[i], unit, &converted_[i])) {
        fail(Fault::input, "{}: column `{}`: row {}: expected a time between 1678 and 2262, found {} of {} ns", where,
             name, i + 1, values[i], unit);
      }
    }
    values_ = converted_;
  });
  if (!is_known) {
    fail(Fault::input, "{}: column `{}` has the wrong type; expected a timestamp or integers, found {}", where, name,
         column->type()->ToString());
  }
}

AlignedVector<std::int64_t> asof_seqs(const arrow::Array& column, std::string_view where, std::string_view name) {
  AlignedVector<std::int64_t> seqs(static_cast<std::size_t>(column.length()));
  const bool is_known =
      column.type_id() != arrow::Type::TIMESTAMP && visit_integers(column, [&](const auto* values) {
        for (std::size_t i = 0; i < seqs.size(); ++i) {
          if (column.IsNull(static_cast<std::int64_t>(i))) {
            seqs[i] = no_seq;
          } else if (!std::in_range<std::int64_t>(values[i])) {
            fail(Fault::input, "{}: column `{}`: expected numbers below 2^63, found {}", where, name, values[i]);
          } else {
            seqs[i] = static_cast<std::int64_t>(values[i]);
          }
        }
      });
  if (!is_known) {
    fail(Fault::input, "{}: column `{}` has the wrong type; expected integers, found {}", where, name,
         column.type()->ToString());
  }
  return seqs;
}

bool AsofKeys::is_key(const arrow::DataType& type) {
  return is_text(words_of(type).id()) || arrow::is_integer(words_of(type).id());
}

bool AsofKeys::are_equal(const arrow::DataType& a, const arrow::DataType& b) {
  const arrow::DataType &x = words_of(a), &y = words_of(b);
  return (is_text(x.id()) && is_text(y.id())) || x.Equals(y);
}

void AsofKeys::code_column(Column& column, const std::shared_ptr<arrow::Array>& values, AlignedVector<KeyNumber>& out) {
  out.resize(static_cast<std::size_t>(values->length()));
  const auto of_text = [&](std::string_view text) { return intern(column.texts, text); };
  switch (values->type_id()) {
    case arrow::Type::STRING: return code_texts(static_cast<const arrow::StringArray&>(*values), out, of_text);
    case arrow::Type::LARGE_STRING:
      return code_texts(static_cast<const arrow::LargeStringArray&>(*values), out, of_text);
    case arrow::Type::STRING_VIEW: return code_texts(static_cast<const arrow::StringViewArray&>(*values), out, of_text);
    case arrow::Type::DICTIONARY: {
      const auto& coded = static_cast<const arrow::DictionaryArray&>(*values);
      if (coded.data()->dictionary != column.words) {
        code_column(column, coded.dictionary(), column.codes);
        column.words = coded.data()->dictionary;
      }
      const bool has_nulls = coded.null_count() > 0;
      visit_integers(*coded.indices(), [&](const auto* codes) {
        for (std::size_t i = 0; i < out.size(); ++i) {
          const bool is_null = has_nulls && coded.IsNull(static_cast<std::int64_t>(i));
          out[i] = is_null ? no_key : column.codes[static_cast<std::size_t>(codes[i])];
        }
      });
      return;
    }
    default: break;
  }
  visit_integers(*values, [&](const auto* numbers) {
    std::uint64_t last = 0;
    KeyNumber number = no_key;
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto value = static_cast<std::uint64_t>(numbers[i]);
      if (values->IsNull(static_cast<std::int64_t>(i))) {
        out[i] = no_key;
        continue;
      }
      if (number == no_key || value != last) number = intern(column.integers, value);
      last = value;
      out[i] = number;
    }
  });
}

AlignedVector<KeyNumber> AsofKeys::code(const std::vector<std::shared_ptr<arrow::Array>>& columns) {
  AlignedVector<KeyNumber> keys, next;
  if (columns.empty()) return keys;
  code_column(columns_[0], columns[0], keys);
  pairs_.resize(columns.size());
  for (std::size_t c = 1; c < columns.size(); ++c) {
    code_column(columns_[c], columns[c], next);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const bool is_null = keys[i] == no_key || next[i] == no_key;
      keys[i] = is_null ? no_key : intern(pairs_[c], std::uint64_t{keys[i]} << 32U | next[i]);
    }
  }
  const auto& numbers =
      columns.size() > 1 ? pairs_.back().size() : columns_[0].texts.size() + columns_[0].integers.size();
  most_ = std::max<std::size_t>(most_, numbers);
  return keys;
}

}  // namespace millrace
