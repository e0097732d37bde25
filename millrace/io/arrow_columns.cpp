#include "millrace/io/arrow_columns.h"

#include <algorithm>

#include <arrow/array.h>
#include <arrow/type.h>

namespace millrace {

namespace {

bool is_text(const arrow::DataType& type) {
  if (type.id() == arrow::Type::DICTIONARY) {
    return is_text(*static_cast<const arrow::DictionaryType&>(type).value_type());
  }
  return arrow::is_base_binary_like(type.id()) || arrow::is_binary_view_like(type.id());
}

/// Calls `visit` with the array under its own class. REQUIRES: an array of texts, no dictionary.
template <class Visit>
void visit_texts(const arrow::Array& array, Visit&& visit) {
  switch (array.type_id()) {
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY: visit(static_cast<const arrow::LargeBinaryArray&>(array)); break;
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW: visit(static_cast<const arrow::BinaryViewArray&>(array)); break;
    default: visit(static_cast<const arrow::BinaryArray&>(array));
  }
}

Nanos unit_of(const arrow::DataType& type) {
  switch (static_cast<const arrow::TimestampType&>(type).unit()) {
    case arrow::TimeUnit::SECOND: return one_second;
    case arrow::TimeUnit::MILLI: return 1'000'000;
    case arrow::TimeUnit::MICRO: return 1'000;
    case arrow::TimeUnit::NANO: return 1;
  }
  return 1;
}

}  // namespace

Stored stored_as(const arrow::DataType& type) {
  if (is_text(type)) return Stored::text;
  switch (type.id()) {
    case arrow::Type::NA: return Stored::nothing;
    case arrow::Type::DOUBLE: return Stored::f64;
    case arrow::Type::FLOAT: return Stored::f32;
    case arrow::Type::INT64: return Stored::i64;
    case arrow::Type::UINT64: return Stored::u64;
    case arrow::Type::INT32: return Stored::i32;
    case arrow::Type::UINT32: return Stored::u32;
    case arrow::Type::INT16: return Stored::i16;
    case arrow::Type::UINT16: return Stored::u16;
    case arrow::Type::INT8: return Stored::i8;
    case arrow::Type::UINT8: return Stored::u8;
    case arrow::Type::TIMESTAMP: return Stored::timestamp;
    default: return Stored::other;
  }
}

ColumnValues values_of(const arrow::Array& array, TextCodes& texts) {
  ColumnValues column{.stored = stored_as(*array.type()), .rows = static_cast<std::size_t>(array.length())};
  if (array.null_count() > 0) {
    column.valid = array.null_bitmap_data();
    column.valid_at = static_cast<std::size_t>(array.offset());
  }
  if (column.stored == Stored::text) {
    read_texts(array, texts);
    column.texts = &texts;
  } else if (const auto* numbers = dynamic_cast<const arrow::PrimitiveArray*>(&array)) {
    const auto width = static_cast<std::int64_t>(array.type()->byte_width());
    column.values = numbers->values()->data() + array.offset() * width;
    if (column.stored == Stored::timestamp) column.unit = unit_of(*array.type());
  }
  return column;
}

void read_texts(const arrow::Array& array, TextCodes& out) {
  const auto rows = static_cast<std::size_t>(array.length());
  const auto is_null = [&](std::size_t row) { return array.IsNull(static_cast<std::int64_t>(row)); };
  if (array.type_id() == arrow::Type::DICTIONARY) {
    const auto& coded = static_cast<const arrow::DictionaryArray&>(array);
    out.codes.resize(rows);
    out.texts.clear();
    visit_texts(*coded.dictionary(), [&](const auto& texts) {
      for (std::int64_t i = 0; i < texts.length(); ++i) {
        out.texts.push_back(texts.IsNull(i) ? std::string_view() : texts.GetView(i));
      }
    });
    if (coded.indices()->type_id() == arrow::Type::INT32 && array.null_count() == 0) {
      const auto& indices = static_cast<const arrow::Int32Array&>(*coded.indices());
      std::copy_n(indices.raw_values(), rows, out.codes.data());
      return;
    }
    for (std::size_t i = 0; i < rows; ++i) {
      out.codes[i] = is_null(i) ? -1 : static_cast<std::int32_t>(coded.GetValueIndex(static_cast<std::int64_t>(i)));
    }
    return;
  }
  TextCoder coder(out, rows);
  visit_texts(array, [&](const auto& texts) {
    for (std::size_t i = 0; i < rows; ++i) {
      if (is_null(i)) {
        coder.add_null();
      } else {
        coder.add(texts.GetView(static_cast<std::int64_t>(i)));
      }
    }
  });
}

}  // namespace millrace
