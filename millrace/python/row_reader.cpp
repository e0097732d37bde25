#include "millrace/python/row_reader.h"

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/io/field_text.h"
#include "millrace/io/layout.h"
#include "millrace/python/arrow_reader.h"

namespace nb = nanobind;

namespace millrace {

namespace {

constexpr double bad_number = std::numeric_limits<double>::infinity();

std::string_view text_of(PyObject* object) {
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(object, &size);
  if (text == nullptr) {  // a lone surrogate
    PyErr_Clear();
    fail(Fault::input, "row: a text is no Unicode");
  }
  return {text, static_cast<std::size_t>(size)};
}

[[noreturn]] void wrong_type(std::string_view name, std::string_view expected, nb::handle value) {
  fail(Fault::input, "row: `{}` has the wrong type; expected {}, found {}", name, expected,
       Py_TYPE(value.ptr())->tp_name);
}

bool is_number(PyObject* object) {
  if (PyBool_Check(object)) return false;
  return PyFloat_Check(object) || PyLong_Check(object) || PyIndex_Check(object) ||
         (Py_TYPE(object)->tp_as_number != nullptr && Py_TYPE(object)->tp_as_number->nb_float != nullptr);
}

double number_of(std::string_view name, nb::handle value) {
  if (!is_number(value.ptr())) wrong_type(name, "a number", value);
  const double number = PyFloat_AsDouble(value.ptr());
  if (PyErr_Occurred() == nullptr) return std::isnan(number) ? bad_number : number;
  PyErr_Clear();  // an integer that no double holds
  return bad_number;
}

/// The whole number that the value is; nothing where it is none that fits.
std::optional<std::int64_t> whole_of(std::string_view name, nb::handle value) {
  PyObject* object = value.ptr();
  if (!is_number(object)) wrong_type(name, "a whole number", value);
  if (!PyIndex_Check(object)) {
    const double number = number_of(name, value);
    if (!(std::fabs(number) <= 0x1p53) || number != std::floor(number)) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  const nb::object index = nb::steal(PyNumber_Index(object));
  int overflow = 0;
  const long long whole = index.is_valid() ? PyLong_AsLongLongAndOverflow(index.ptr(), &overflow) : -1;
  if (PyErr_Occurred() != nullptr || overflow != 0) {
    PyErr_Clear();
    return std::nullopt;
  }
  return whole;
}

/// Stores a whole number in a column that holds it; false where it cannot be one of the column's values.
bool put(Column column, std::int64_t whole, Chunk& chunk) {
  bool fits = true;
  for_each_column(chunk, [&](Column one, auto& values, auto) {
    using Value = typename std::remove_reference_t<decltype(values)>::value_type;
    if constexpr (std::is_integral_v<Value>) {
      if (one != column) return;
      fits = std::in_range<Value>(whole) && (column != Column::side || std::abs(whole) <= 1);
      if (fits && !values.empty()) values[0] = static_cast<Value>(whole);
    }
  });
  return fits;
}

}  // namespace

RowReader::RowReader(Instruments& instruments, Ledger& ledger)
    : names_(instruments), ledger_(ledger), source_(ledger.add_source("row")) {}

void RowReader::read(const nb::dict& row, Chunk& chunk) {
  chunk.resize(1);
  chunk.clear_row(0);
  chunk.place[0].source = source_;
  chunk.place[0].row = ++rows_ & ((std::uint64_t{1} << 48U) - 1);
  std::string_view venue = unnamed, symbol = unnamed;
  ColumnSet given;
  for (const auto& [key, value] : row) {
    if (!PyUnicode_Check(key.ptr())) wrong_type("name of a column", "text", key);
    const std::string_view name = text_of(key.ptr());
    if (name == "venue" || name == "symbol") {
      if (value.is_none()) continue;
      if (!PyUnicode_Check(value.ptr())) wrong_type(name, "text", value);
      (name == "venue" ? venue : symbol) = text_of(value.ptr());
      continue;
    }
    const auto column = find_column(name);
    if (!column) {
      std::vector<std::string_view> known{"venue", "symbol"};
      for (const ColumnInfo& about : column_table) known.push_back(about.name);
      fail(Fault::input, "row: unknown column `{}`{}", name, did_you_mean(name, known));
    }
    if (value.is_none()) continue;
    given.add(*column);
    read_value(name, *column, value, chunk);
  }
  if (!given.has(Column::ts_event)) fail(Fault::input, "row: column `ts_event` is missing");
  if (!given.has(Column::kind)) chunk.kind[0] = static_cast<std::uint8_t>(implied_kind("row", given));
  chunk.instrument[0] = names_.find(venue, symbol);
  if (chunk.instrument[0] != unknown_instrument) return;
  ledger_.note(Reason::unknown_symbol, chunk.place[0], symbol);
  ledger_.add_rows(1);
  chunk.resize(0);
}

void RowReader::read_value(std::string_view name, Column column, nb::handle value, Chunk& chunk) {
  const bool is_text = PyUnicode_Check(value.ptr());
  const ColumnType type = info(column).type;
  if (type == ColumnType::f64) {
    const double number = number_of(name, value);
    if (chunk.columns.has(column)) chunk.f64(column)[0] = number;
    return;
  }
  if (column == Column::kind && is_text) {
    chunk.kind[0] = read_kind(text_of(value.ptr()));
    return;
  }
  std::optional<std::int64_t> whole;
  if (column == Column::side && is_text) {
    whole = read_side(text_of(value.ptr()));
  } else {
    whole = whole_of(name, value);
  }
  if (!whole || !put(column, *whole, chunk)) refuse(column, value, chunk);
}

/// What cannot be the value of its column: the door drops a row without a time or of no kind, other values become null.
void RowReader::refuse(Column column, nb::handle value, Chunk& chunk) {
  if (column == Column::kind) {
    chunk.kind[0] = unknown_kind;
  } else if (column != Column::ts_event) {
    ledger_.note(Reason::bad_number, chunk.place[0], nb::str(value).c_str());
  }
}

}  // namespace millrace
