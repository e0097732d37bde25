#include "millrace/io/bar_source.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/io/arrow_result.h"
#include "millrace/io/instrument_reader.h"
#include "millrace/io/layout.h"
#include "millrace/io/table_file.h"

namespace millrace {

namespace {

constexpr std::size_t ticks_of_a_bar = 5;
constexpr std::int64_t least_bars = 2;  // to tell the length of one

struct TimeColumn {
  std::string_view name;
  Nanos unit;  // of integers; 0: not by its name
};
constexpr std::array time_columns{TimeColumn{"ts_ms", 1'000'000}, TimeColumn{"ts_us", 1'000}, TimeColumn{"ts_ns", 1},
                                  TimeColumn{"ts_event", 1},      TimeColumn{"timestamp", 0}, TimeColumn{"time", 0}};
constexpr std::array<std::string_view, 4> price_columns{"open", "high", "low", "close"};

Nanos unit_of(const arrow::DataType& type) {
  switch (static_cast<const arrow::TimestampType&>(type).unit()) {
    case arrow::TimeUnit::SECOND: return one_second;
    case arrow::TimeUnit::MILLI: return 1'000'000;
    case arrow::TimeUnit::MICRO: return 1'000;
    case arrow::TimeUnit::NANO: break;
  }
  return 1;
}

Nanos time_at(const arrow::Array& array, std::int64_t row, Nanos unit) {
  if (array.IsNull(row)) return no_time;
  const std::int64_t value = static_cast<const arrow::Int64Array&>(array).Value(row);
  return std::abs(value) > std::numeric_limits<Nanos>::max() / unit ? no_time : value * unit;
}

double number_at(const arrow::Array* array, std::int64_t row) {
  if (array == nullptr || array->IsNull(row)) return no_value;
  if (array->type_id() == arrow::Type::DOUBLE) return static_cast<const arrow::DoubleArray&>(*array).Value(row);
  return static_cast<double>(static_cast<const arrow::Int64Array&>(*array).Value(row));
}

bool is_number(const arrow::DataType& type) {
  return type.id() == arrow::Type::DOUBLE || type.id() == arrow::Type::INT64;
}

std::string text_at(const arrow::RecordBatch& batch, std::string_view column, std::int64_t row) {
  const auto array = batch.GetColumnByName(std::string(column));
  if (!array || array->IsNull(row)) return {};
  return take(array->GetScalar(row), Fault::input, "bars")->ToString();
}

/// Prices and volumes that are whole at first are numbers with fractions all the same.
TableFile::Options bar_numbers() { return {.numbers = {"open", "high", "low", "close", "volume"}}; }

class BarSource : public Source {
 public:
  BarSource(const BarTable& table, std::uint16_t number, Instruments& instruments, Ledger& ledger)
      : table_(table), number_(number), names_(instruments), ledger_(ledger), file_(table.path, bar_numbers()) {}

  bool next(Chunk& chunk) override {
    chunk.resize(0);
    while (chunk.rows() + ticks_of_a_bar <= chunk.most_rows) {
      if ((!batch_ || row_ == batch_->num_rows()) && !read_batch()) break;
      add_bar(chunk, row_++);
    }
    ledger_.add_rows(chunk.rows());
    return chunk.rows() > 0;
  }

  ColumnSet columns() const override {
    ColumnSet set{Column::ts_event, Column::kind, Column::price, Column::trade_id, Column::flags};
    if (table_.has_volume) set.add(Column::size);
    return set;
  }
  std::vector<SourceFile> files() const override {
    return {{.path = table_.path, .layout = "bars", .rows = bars_, .renamed = names_.renamed()}};
  }
  double progress() const override {
    return file_.rows() == 0 ? 0.0 : static_cast<double>(bars_) / static_cast<double>(file_.rows());
  }

 private:
  bool read_batch() {
    do {
      check(file_.batches()->ReadNext(&batch_), Fault::input, table_.path);
      if (!batch_) return false;
    } while (batch_->num_rows() == 0);
    row_ = 0;
    time_ = batch_->GetColumnByName(table_.time_column);
    for (std::size_t i = 0; i < prices_.size(); ++i)
      prices_[i] = batch_->GetColumnByName(std::string(price_columns[i]));
    volume_ = table_.has_volume ? batch_->GetColumnByName("volume") : nullptr;
    return true;
  }

  void add_bar(Chunk& chunk, std::int64_t row) {
    ++bars_;
    const Place place{.source = number_, .row = bars_ & ((std::uint64_t{1} << 48U) - 1)};
    const Nanos start = time_at(*time_, row, table_.time_unit);
    if (start == no_time) return ledger_.note(Reason::unparsable_time, place);
    const std::string venue = table_.venue.empty() ? text_at(*batch_, "venue", row) : table_.venue;
    const std::string symbol = table_.symbol.empty() ? text_at(*batch_, "symbol", row) : table_.symbol;
    const InstrumentId instrument = names_.find(venue, symbol);
    if (instrument == unknown_instrument) return ledger_.note(Reason::unknown_symbol, place, symbol);
    std::array<double, 4> price{};
    for (std::size_t i = 0; i < price.size(); ++i) price[i] = number_at(prices_[i].get(), row);
    const auto [open, high, low, close] = price;
    if (!(low > 0.0 && high >= std::max(open, close) && low <= std::min(open, close))) {
      return ledger_.note(Reason::unparsable_row, place, "a bar whose low and high do not hold its open and close");
    }
    const bool rises = close >= open;  // then the low is taken to have come first
    const Nanos length = table_.length;
    const std::array<std::pair<Nanos, double>, ticks_of_a_bar> ticks{{{0, open},
                                                                      {length / 10, open},
                                                                      {length / 3, rises ? low : high},
                                                                      {2 * (length / 3), rises ? high : low},
                                                                      {length - 1, close}}};
    const double size = number_at(volume_.get(), row) / static_cast<double>(ticks_of_a_bar);
    for (std::size_t i = 0; i < ticks.size(); ++i) {
      const std::size_t at = chunk.rows();
      chunk.resize(at + 1);
      chunk.clear_row(at);
      chunk.instrument[at] = instrument;
      chunk.place[at] = place;
      chunk.ts_event[at] = start + ticks[i].first;
      chunk.kind[at] = static_cast<std::uint8_t>(Kind::trade);
      chunk.flags[at] = i == 2 || i == 3 ? std::uint32_t{flag_within_bar} : 0U;
      if (chunk.columns.has(Column::price)) chunk.f64(Column::price)[at] = ticks[i].second;
      if (chunk.columns.has(Column::size)) chunk.f64(Column::size)[at] = size;
      if (chunk.columns.has(Column::trade_id)) chunk.trade_id[at] = bars_ * ticks_of_a_bar + i;
    }
  }

  BarTable table_;
  std::uint16_t number_;
  InstrumentReader names_;
  Ledger& ledger_;
  TableFile file_;
  std::shared_ptr<arrow::RecordBatch> batch_;
  std::shared_ptr<arrow::Array> time_, volume_;
  std::array<std::shared_ptr<arrow::Array>, 4> prices_;
  std::int64_t row_ = 0;
  std::uint64_t bars_ = 0;
};

/// The time column, or nothing where there is none that can be read.
bool find_time(const arrow::Schema& schema, BarTable& table) {
  for (const TimeColumn& one : time_columns) {
    const auto field = schema.GetFieldByName(std::string(one.name));
    if (!field) continue;
    table.time_column = one.name;
    if (field->type()->id() == arrow::Type::TIMESTAMP) {
      table.time_unit = unit_of(*field->type());
    } else if (field->type()->id() == arrow::Type::INT64 && one.unit > 0) {
      table.time_unit = one.unit;
    } else {
      fail(Fault::input, "{}: column `{}`: expected times or whole numbers called ts_ms, ts_us or ts_ns, was {}",
           table.path, one.name, field->type()->ToString());
    }
    return true;
  }
  return false;
}

/// The smallest step between the starts of one instrument's first bars.
void find_length(BarTable& table) {
  const TableFile file(table.path, {});
  std::shared_ptr<arrow::RecordBatch> batch;
  check(file.batches()->ReadNext(&batch), Fault::input, table.path);
  if (!batch || batch->num_rows() < least_bars)
    fail(Fault::input, "{}: expected at least {} bars", table.path, least_bars);
  const auto time = batch->GetColumnByName(table.time_column);
  table.starts_at = time_at(*time, 0, table.time_unit);
  for (std::int64_t row = 1; row < batch->num_rows(); ++row) {
    const Nanos before = time_at(*time, row - 1, table.time_unit), now = time_at(*time, row, table.time_unit);
    if (before == no_time || now == no_time || now <= before) continue;
    if (table.length == 0 || now - before < table.length) table.length = now - before;
  }
  if (table.length < 10)
    fail(Fault::input, "{}: column `{}`: expected bars at times that grow", table.path, table.time_column);
}

}  // namespace

std::optional<BarTable> look_at_bars(const std::string& path) {
  BarTable table{.path = path};
  std::shared_ptr<arrow::Schema> schema;
  try {
    schema = TableFile(path, {}).schema();
  } catch (const Error&) {
    return std::nullopt;  // whoever reads it next says why
  }
  for (const std::string_view name : price_columns) {
    const auto field = schema->GetFieldByName(std::string(name));
    if (!field || !is_number(*field->type())) return std::nullopt;
  }
  if (!find_time(*schema, table)) return std::nullopt;
  const auto volume = schema->GetFieldByName("volume");
  table.has_volume = volume && is_number(*volume->type());
  const PathKeys keys = keys_of_path(path);
  if (!schema->GetFieldByName("venue")) table.venue = keys.venue;
  if (!schema->GetFieldByName("symbol")) table.symbol = keys.symbol;
  for (const auto& [name, value] : {std::pair{"venue", &table.venue}, std::pair{"symbol", &table.symbol}}) {
    if (!value->empty() || schema->GetFieldByName(name)) continue;
    fail(Fault::input, "{}: bars of which {}? expected a column `{}`, or `{}=…` in the path", path, name, name, name);
  }
  find_length(table);
  return table;
}

std::unique_ptr<Source> open_bars(const BarTable& table, std::uint16_t number, Instruments& instruments,
                                  Ledger& ledger) {
  return std::make_unique<BarSource>(table, number, instruments, ledger);
}

}  // namespace millrace
