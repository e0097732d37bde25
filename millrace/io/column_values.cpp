#include "millrace/io/column_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "millrace/base/text.h"
#include "millrace/io/field_text.h"

namespace millrace {

namespace {

constexpr double bad_number = std::numeric_limits<double>::infinity();

/// Calls `visit` with the values under their own type where they are plain numbers, and says whether they are.
template <class Visit>
bool visit_numbers(const ColumnValues& column, Visit&& visit) {
  switch (column.stored) {
    case Stored::f64: visit(static_cast<const double*>(column.values)); return true;
    case Stored::f32: visit(static_cast<const float*>(column.values)); return true;
    case Stored::i64: visit(static_cast<const std::int64_t*>(column.values)); return true;
    case Stored::u64: visit(static_cast<const std::uint64_t*>(column.values)); return true;
    case Stored::i32: visit(static_cast<const std::int32_t*>(column.values)); return true;
    case Stored::u32: visit(static_cast<const std::uint32_t*>(column.values)); return true;
    case Stored::i16: visit(static_cast<const std::int16_t*>(column.values)); return true;
    case Stored::u16: visit(static_cast<const std::uint16_t*>(column.values)); return true;
    case Stored::i8: visit(static_cast<const std::int8_t*>(column.values)); return true;
    case Stored::u8: visit(static_cast<const std::uint8_t*>(column.values)); return true;
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

void read_doubles(const ColumnValues& column, double* out) {
  const bool is_numeric = visit_numbers(column, [&](const auto* values) {
    if (column.valid == nullptr) {
      for (std::size_t i = 0; i < column.rows; ++i) out[i] = widened(values[i]);
      return;
    }
    std::size_t row = 0;
    for (; row + 8 <= column.rows; row += 8) {  // without a branch for each row
      const unsigned valid = column.valid_eight(row);
      for (unsigned i = 0; i < 8; ++i) out[row + i] = (valid >> i & 1U) == 0 ? no_value : widened(values[row + i]);
    }
    for (; row < column.rows; ++row) out[row] = column.is_null(row) ? no_value : widened(values[row]);
  });
  if (is_numeric) return;
  std::fill_n(out, column.rows, no_value);
  if (column.stored != Stored::text) return;
  std::vector<double> numbers(column.texts->texts.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = read_number(column.texts->texts[i]);
  for (std::size_t i = 0; i < column.rows; ++i) {
    const std::int32_t code = column.texts->codes[i];
    if (code >= 0) out[i] = numbers[static_cast<std::size_t>(code)];
  }
}

Place place_of(const RowTarget& target, std::size_t row) { return target.chunk.place[target.at + row]; }

/// Fills a column of integers. `from_text` reads a text; what cannot be read becomes `bad` and is counted.
template <class To, class FromText>
void read_integers(const ColumnValues& column, To* out, To none, To bad, const RowTarget& target, FromText from_text) {
  constexpr bool is_counted = !std::is_same_v<To, std::uint8_t>;  // unknown kinds the door counts
  const auto give = [&](std::size_t row, const std::optional<To>& value, auto&& sample) {
    out[row] = value.value_or(bad);
    if (!value && is_counted) target.ledger.note(Reason::bad_number, place_of(target, row), fmt::format("{}", sample));
  };
  const bool is_numeric = visit_numbers(column, [&](const auto* values) {
    if constexpr (std::is_same_v<To, std::remove_cvref_t<decltype(*values)>>) {  // whatever it holds fits
      if (column.valid == nullptr) {
        std::copy_n(values, column.rows, out);
      } else {
        for (std::size_t i = 0; i < column.rows; ++i) out[i] = column.is_null(i) ? none : values[i];
      }
      return;
    }
    for (std::size_t i = 0; i < column.rows; ++i) {
      if (column.is_null(i)) {
        out[i] = none;
      } else {
        give(i, whole<To>(values[i]), values[i]);
      }
    }
  });
  if (is_numeric) return;
  std::fill_n(out, column.rows, none);
  if (column.stored != Stored::text) return;
  for (std::size_t i = 0; i < column.rows; ++i) {
    if (column.texts->codes[i] < 0) continue;
    const std::string_view text = column.texts->texts[static_cast<std::size_t>(column.texts->codes[i])];
    if (!trimmed(text).empty()) give(i, from_text(text), text);
  }
}

/// A time that cannot be read: the row is lost where it is the event's, else only the value.
void note_bad_time(const RowTarget& target, std::size_t row, bool is_event, std::string_view sample) {
  target.ledger.note(is_event ? Reason::unparsable_time : Reason::bad_number, place_of(target, row), sample);
  if (!is_event) return;
  target.keep[target.at + row] = 0;
  target.ledger.add_rows(1);
}

void read_text_times(const ColumnValues& column, const Field& field, Nanos* out, const RowTarget& target) {
  for (std::size_t i = 0; i < column.rows; ++i) {
    out[i] = no_time;
    if (column.texts->codes[i] < 0) continue;
    const std::string_view text = column.texts->texts[static_cast<std::size_t>(column.texts->codes[i])];
    const auto time = read_time(text, field.time_unit);
    if (time) {
      out[i] = *time;
    } else if (!text.empty()) {
      note_bad_time(target, i, field.column == Column::ts_event, text);
    }
  }
}

void read_times(const ColumnValues& column, const Field& field, Nanos* out, const RowTarget& target) {
  if (column.stored == Stored::text) return read_text_times(column, field, out, target);
  const bool is_timestamp = column.stored == Stored::timestamp;
  const Nanos unit = is_timestamp ? column.unit : field.time_unit;
  const auto scale = [&](const auto* values) {
    for (std::size_t i = 0; i < column.rows; ++i) {
      out[i] = no_time;
      if (column.is_null(i)) continue;
      const auto count = whole<std::int64_t>(values[i]);
      const auto time = count ? scaled_time(*count, unit) : std::nullopt;
      if (time) {
        out[i] = *time;
      } else {
        note_bad_time(target, i, field.column == Column::ts_event, fmt::format("{}", values[i]));
      }
    }
  };
  if (is_timestamp && unit == 1 && column.valid == nullptr) {
    std::copy_n(static_cast<const std::int64_t*>(column.values), column.rows, out);
  } else if (is_timestamp) {
    scale(static_cast<const std::int64_t*>(column.values));
  } else if (!visit_numbers(column, scale)) {
    std::fill_n(out, column.rows, no_time);
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

void read_sides(const ColumnValues& values, std::int8_t* out, const RowTarget& target) {
  read_integers(values, out, std::int8_t{0}, std::int8_t{0}, target, read_side);
  for (std::size_t i = 0; i < values.rows; ++i) {
    if (out[i] >= -1 && out[i] <= 1) continue;
    target.ledger.note(Reason::bad_number, place_of(target, i), out[i]);
    out[i] = 0;
  }
}

}  // namespace

std::string_view expected_type(const Field& field, Stored stored, bool has_text_numbers) {
  const bool is_text = stored == Stored::text;
  if (field.part == Part::venue || field.part == Part::symbol) return is_text ? "" : "text";
  if (stored == Stored::nothing) return "";
  const ColumnType wanted = field.part == Part::day_change ? ColumnType::f64 : info(field.column).type;
  const bool is_number = stored >= Stored::f64 && stored <= Stored::u8;
  if (wanted == ColumnType::time) {
    if (stored == Stored::timestamp) return "";
    if (has_text_numbers && is_text) return "";
    if (field.time_unit == 0) return "a timestamp or text";
    return is_number && stored >= Stored::i64 ? "" : "timestamp[ns, UTC] or int64";
  }
  const bool has_words = wanted == ColumnType::u8 || wanted == ColumnType::i8;  // kind and side
  if (is_number || ((has_text_numbers || has_words) && is_text)) return "";
  return wanted == ColumnType::f64 ? "double, or another number" : "an integer";
}

void read_column(const ColumnValues& values, const Field& field, RowTarget target) {
  Chunk& chunk = target.chunk;
  const std::size_t at = target.at;
  if (field.part == Part::day_change) return read_doubles(values, chunk.f64(Column::open_24h) + at);
  switch (field.column) {
    case Column::ts_event: return read_times(values, field, chunk.ts_event.data() + at, target);
    case Column::ts_recv: return read_times(values, field, chunk.ts_recv.data() + at, target);
    case Column::next_funding_ns: return read_times(values, field, chunk.next_funding_ns.data() + at, target);
    case Column::seq:
      return read_integers(values, chunk.seq.data() + at, no_u64, no_u64, target, integer_of_text<std::uint64_t>);
    case Column::trade_id:
      return read_integers(values, chunk.trade_id.data() + at, no_u64, no_u64, target, integer_of_text<std::uint64_t>);
    case Column::n_trades_24h:
      return read_integers(values, chunk.n_trades_24h.data() + at, no_i64, no_i64, target,
                           integer_of_text<std::int64_t>);
    case Column::kind:
      return read_integers(values, chunk.kind.data() + at, unknown_kind, unknown_kind, target,
                           [](std::string_view text) { return std::optional(read_kind(text)); });
    case Column::side: return read_sides(values, chunk.side.data() + at, target);
    case Column::flags:
      return read_integers(values, chunk.flags.data() + at, 0U, 0U, target, integer_of_text<std::uint32_t>);
    default: return read_doubles(values, chunk.f64(field.column) + at);
  }
}

}  // namespace millrace
