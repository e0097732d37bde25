#include "millrace/io/arrow_columns.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>

#include <arrow/array.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>
#include <fmt/format.h>

#include "millrace/base/text.h"
#include "millrace/io/field_text.h"

namespace millrace {

namespace {

constexpr double bad_number = std::numeric_limits<double>::infinity();

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

/// Calls `visit` with the array under its own class where it is one of plain numbers, and says whether it is.
template <class Visit>
bool visit_numbers(const arrow::Array& array, Visit&& visit) {
  switch (array.type_id()) {
    case arrow::Type::DOUBLE: visit(static_cast<const arrow::DoubleArray&>(array)); return true;
    case arrow::Type::FLOAT: visit(static_cast<const arrow::FloatArray&>(array)); return true;
    case arrow::Type::INT64: visit(static_cast<const arrow::Int64Array&>(array)); return true;
    case arrow::Type::UINT64: visit(static_cast<const arrow::UInt64Array&>(array)); return true;
    case arrow::Type::INT32: visit(static_cast<const arrow::Int32Array&>(array)); return true;
    case arrow::Type::UINT32: visit(static_cast<const arrow::UInt32Array&>(array)); return true;
    case arrow::Type::INT16: visit(static_cast<const arrow::Int16Array&>(array)); return true;
    case arrow::Type::UINT16: visit(static_cast<const arrow::UInt16Array&>(array)); return true;
    case arrow::Type::INT8: visit(static_cast<const arrow::Int8Array&>(array)); return true;
    case arrow::Type::UINT8: visit(static_cast<const arrow::UInt8Array&>(array)); return true;
    default: return false;
  }
}

/// A number as a double, where that loses nothing.
template <class Number>
double widened(Number value) {
  constexpr std::int64_t exact_limit = std::int64_t{1} << 53;
  if constexpr (std::is_floating_point_v<Number>) {
    return std::isnan(value) ? bad_number : static_cast<double>(value);
  } else if constexpr (sizeof(Number) == 8) {
    if (std::cmp_greater(value, exact_limit) || std::cmp_less(value, -exact_limit)) return bad_number;
  }
  return static_cast<double>(value);
}

/// A number as an integer, where it is one that fits.
template <class To, class Number>
std::optional<To> whole(Number value) {
  if constexpr (std::is_floating_point_v<Number>) {
    const auto wide = static_cast<double>(value);
    if (!(std::fabs(wide) <= 0x1p53) || wide != std::floor(wide)) return std::nullopt;
    return whole<To>(static_cast<std::int64_t>(wide));
  } else {
    return std::in_range<To>(value) ? std::optional(static_cast<To>(value)) : std::nullopt;
  }
}

void read_doubles(const arrow::Array& array, double* out) {
  const auto rows = static_cast<std::size_t>(array.length());
  const bool is_numeric = visit_numbers(array, [&](const auto& numbers) {
    const auto* values = numbers.raw_values();
    if (array.null_count() == 0) {
      for (std::size_t i = 0; i < rows; ++i) out[i] = widened(values[i]);
      return;
    }
    const std::uint8_t* valid = array.null_bitmap_data();
    const auto offset = static_cast<std::size_t>(array.offset());
    for (std::size_t i = 0; i < rows; ++i) {
      const bool is_valid = arrow::bit_util::GetBit(valid, offset + i);
      out[i] = is_valid ? widened(values[i]) : no_value;
    }
  });
  if (is_numeric) return;
  std::fill_n(out, rows, no_value);
  if (!is_text(*array.type())) return;
  TextCodes texts;
  read_texts(array, texts);
  std::vector<double> values(texts.texts.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = read_number(texts.texts[i]);
  for (std::size_t i = 0; i < rows; ++i) {
    if (texts.codes[i] >= 0) out[i] = values[static_cast<std::size_t>(texts.codes[i])];
  }
}

Place place_of(const RowTarget& target, std::size_t row) { return target.chunk.place[target.at + row]; }

/// Fills a column of integers. `from_text` reads a text; what cannot be read becomes `bad` and is counted.
template <class To, class FromText>
void read_integers(const arrow::Array& array, To* out, To none, To bad, const RowTarget& target, FromText from_text) {
  const auto rows = static_cast<std::size_t>(array.length());
  constexpr bool is_counted = !std::is_same_v<To, std::uint8_t>;  // unknown kinds the door counts
  const auto give = [&](std::size_t row, const std::optional<To>& value, auto&& sample) {
    out[row] = value.value_or(bad);
    if (!value && is_counted) target.ledger.note(Reason::bad_number, place_of(target, row), fmt::format("{}", sample));
  };
  const bool is_numeric = visit_numbers(array, [&](const auto& numbers) {
    const auto* values = numbers.raw_values();
    const bool has_nulls = array.null_count() > 0;
    for (std::size_t i = 0; i < rows; ++i) {
      if (has_nulls && array.IsNull(static_cast<std::int64_t>(i))) {
        out[i] = none;
      } else {
        give(i, whole<To>(values[i]), values[i]);
      }
    }
  });
  if (is_numeric) return;
  std::fill_n(out, rows, none);
  if (!is_text(*array.type())) return;
  TextCodes texts;
  read_texts(array, texts);
  for (std::size_t i = 0; i < rows; ++i) {
    if (texts.codes[i] < 0) continue;
    const std::string_view text = texts.texts[static_cast<std::size_t>(texts.codes[i])];
    if (!trimmed(text).empty()) give(i, from_text(text), text);
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

/// A time that cannot be read: the row is lost where it is the event's, else only the value.
void note_bad_time(const RowTarget& target, std::size_t row, bool is_event, std::string_view sample) {
  target.ledger.note(is_event ? Reason::unparsable_time : Reason::bad_number, place_of(target, row), sample);
  if (!is_event) return;
  target.keep[target.at + row] = 0;
  target.ledger.add_rows(1);
}

void read_times(const arrow::Array& array, const Field& field, Nanos* out, const RowTarget& target) {
  const auto rows = static_cast<std::size_t>(array.length());
  const bool is_event = field.column == Column::ts_event;
  if (is_text(*array.type())) {
    TextCodes texts;
    read_texts(array, texts);
    for (std::size_t i = 0; i < rows; ++i) {
      out[i] = no_time;
      if (texts.codes[i] < 0) continue;
      const std::string_view text = texts.texts[static_cast<std::size_t>(texts.codes[i])];
      const auto time = read_time(text, field.time_unit);
      if (time) {
        out[i] = *time;
      } else if (!text.empty()) {
        note_bad_time(target, i, is_event, text);
      }
    }
    return;
  }
  const bool is_timestamp = array.type_id() == arrow::Type::TIMESTAMP;
  const Nanos unit = is_timestamp ? unit_of(*array.type()) : field.time_unit;
  const auto scale = [&](const auto* values) {
    const bool has_nulls = array.null_count() > 0;
    for (std::size_t i = 0; i < rows; ++i) {
      out[i] = no_time;
      if (has_nulls && array.IsNull(static_cast<std::int64_t>(i))) continue;
      const auto count = whole<std::int64_t>(values[i]);
      const auto time = count ? scaled_time(*count, unit) : std::nullopt;
      if (time) {
        out[i] = *time;
      } else {
        note_bad_time(target, i, is_event, fmt::format("{}", values[i]));
      }
    }
  };
  if (is_timestamp && unit == 1 && array.null_count() == 0) {
    std::copy_n(static_cast<const arrow::TimestampArray&>(array).raw_values(), rows, out);
  } else if (is_timestamp) {
    scale(static_cast<const arrow::TimestampArray&>(array).raw_values());
  } else if (!visit_numbers(array, [&](const auto& numbers) { scale(numbers.raw_values()); })) {
    std::fill_n(out, rows, no_time);
  }
}

template <class To>
std::optional<To> integer_of_text(std::string_view text) {
  To value = 0;
  text = trimmed(text);
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  return problem == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

void read_sides(const arrow::Array& array, std::int8_t* out, const RowTarget& target) {
  read_integers(array, out, std::int8_t{0}, std::int8_t{0}, target, read_side);
  for (std::size_t i = 0; i < static_cast<std::size_t>(array.length()); ++i) {
    if (out[i] >= -1 && out[i] <= 1) continue;
    target.ledger.note(Reason::bad_number, place_of(target, i), out[i]);
    out[i] = 0;
  }
}

}  // namespace

std::string_view expected_type(const Field& field, const arrow::DataType& type, bool has_text_numbers) {
  if (field.part == Part::venue || field.part == Part::symbol) return is_text(type) ? "" : "text";
  if (type.id() == arrow::Type::NA) return "";
  const ColumnType wanted = field.part == Part::day_change ? ColumnType::f64 : info(field.column).type;
  if (wanted == ColumnType::time) {
    if (type.id() == arrow::Type::TIMESTAMP) return "";
    if (has_text_numbers && is_text(type)) return "";
    if (field.time_unit == 0) return "a timestamp or text";
    return arrow::is_integer(type.id()) ? "" : "timestamp[ns, UTC] or int64";
  }
  const bool is_number =
      arrow::is_integer(type.id()) || type.id() == arrow::Type::DOUBLE || type.id() == arrow::Type::FLOAT;
  const bool has_words = wanted == ColumnType::u8 || wanted == ColumnType::i8;  // kind and side
  if (is_number || ((has_text_numbers || has_words) && is_text(type))) return "";
  return wanted == ColumnType::f64 ? "double, or another number" : "an integer";
}

void read_column(const arrow::Array& array, const Field& field, RowTarget target) {
  Chunk& chunk = target.chunk;
  const std::size_t at = target.at;
  if (field.part == Part::day_change) return read_doubles(array, chunk.f64(Column::open_24h) + at);
  switch (field.column) {
    case Column::ts_event: return read_times(array, field, chunk.ts_event.data() + at, target);
    case Column::ts_recv: return read_times(array, field, chunk.ts_recv.data() + at, target);
    case Column::next_funding_ns: return read_times(array, field, chunk.next_funding_ns.data() + at, target);
    case Column::seq:
      return read_integers(array, chunk.seq.data() + at, no_u64, no_u64, target, integer_of_text<std::uint64_t>);
    case Column::trade_id:
      return read_integers(array, chunk.trade_id.data() + at, no_u64, no_u64, target, integer_of_text<std::uint64_t>);
    case Column::n_trades_24h:
      return read_integers(array, chunk.n_trades_24h.data() + at, no_i64, no_i64, target,
                           integer_of_text<std::int64_t>);
    case Column::kind:
      return read_integers(array, chunk.kind.data() + at, unknown_kind, unknown_kind, target,
                           [](std::string_view text) { return std::optional(read_kind(text)); });
    case Column::side: return read_sides(array, chunk.side.data() + at, target);
    case Column::flags:
      return read_integers(array, chunk.flags.data() + at, 0U, 0U, target, integer_of_text<std::uint32_t>);
    default: return read_doubles(array, chunk.f64(field.column) + at);
  }
}

void read_texts(const arrow::Array& array, TextCodes& out) {
  const auto rows = static_cast<std::size_t>(array.length());
  out.codes.resize(rows);
  out.texts.clear();
  const auto is_null = [&](std::size_t row) { return array.IsNull(static_cast<std::int64_t>(row)); };
  if (array.type_id() == arrow::Type::DICTIONARY) {
    const auto& coded = static_cast<const arrow::DictionaryArray&>(array);
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
  std::unordered_map<std::string_view, std::int32_t> numbers;
  visit_texts(array, [&](const auto& texts) {
    for (std::size_t i = 0; i < rows; ++i) {
      out.codes[i] = -1;
      if (is_null(i)) continue;
      const std::string_view text = texts.GetView(static_cast<std::int64_t>(i));
      const auto [at, is_new] = numbers.try_emplace(text, static_cast<std::int32_t>(out.texts.size()));
      if (is_new) out.texts.push_back(text);
      out.codes[i] = at->second;
    }
  });
}

}  // namespace millrace
