#include "millrace/io/csv_source.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/io/csv_records.h"
#include "millrace/io/field_text.h"
#include "millrace/io/instrument_reader.h"
#include "millrace/io/row_finish.h"

namespace millrace {

namespace {

constexpr std::size_t first_rows = 256;  // of a chunk, which then grows: most files of text are small
constexpr std::size_t head_rows = 100;   // looked at for a first time
constexpr std::uint64_t row_mask = (std::uint64_t{1} << 48U) - 1;

/// Tells names from JSON and from bytes that are no text, which a message must not repeat.
bool is_name(std::string_view field) {
  constexpr std::size_t longest = 200;
  return field.size() <= longest && std::none_of(field.begin(), field.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '{';
         });
}

std::vector<std::string> read_header(const std::string& path, CsvRecords& records) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  const auto found = records.next();
  if (found == CsvRecords::Found::end)
    fail(Fault::input, "{}: the file is empty; expected a line of column names", path);
  if (found == CsvRecords::Found::broken || !std::all_of(records.fields().begin(), records.fields().end(), is_name)) {
    fail(Fault::input, "{}: its layout is not known; expected column names in the first line, found {}", path,
         json_quoted(records.text().substr(0, 80)));
  }
  std::vector<std::string> names;
  for (const std::string_view field : records.fields()) {
    const bool has_mark = names.empty() && field.starts_with(byte_order_mark);
    names.emplace_back(trimmed(has_mark ? field.substr(byte_order_mark.size()) : field));
  }
  return names;
}

class CsvSource final : public Source {
 public:
  CsvSource(CsvInput input, Instruments& instruments, Ledger& ledger)
      : input_(std::move(input)), records_(input_.bytes), names_(instruments), ledger_(ledger) {
    const auto names = read_header(input_.path, records_);
    fields_ = names.size();
    layout_ = bind_layout(input_.path, names);
  }

  bool next(Chunk& chunk) override;
  ColumnSet columns() const override { return layout_.columns(); }
  std::vector<SourceFile> files() const override {
    return {{.path = input_.path,
             .layout = std::string(layout_.layout->name),
             .bytes = input_.size,
             .rows = is_ended_ ? rows_ : 0,
             .renamed = names_.renamed()}};
  }
  double progress() const override {
    if (is_ended_) return 1.0;
    if (!input_.consumed || input_.size == 0) return 0.0;
    return std::min(1.0, static_cast<double>(*input_.consumed) / static_cast<double>(input_.size));
  }

 private:
  void choose(ColumnSet wanted);
  bool read_row(Chunk& chunk, std::size_t row, std::span<const std::string_view> fields);
  bool read_field(Chunk& chunk, std::size_t row, const Field& field, std::string_view text);
  void read_integers(Chunk& chunk, std::size_t row, const Field& field, std::string_view text);
  void reject(Reason reason, Place at, std::string_view sample) {
    ledger_.note(reason, at, sample);
    ledger_.add_rows(1);
  }

  /// Sets `value` to the text's integer or, counted, to `none`.
  template <class To>
  void read_integer(To& value, std::string_view text, To none, Place at) {
    value = none;
    if (text.empty()) return;
    const char* end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, value);
    if (problem == std::errc{} && stop == end) return;
    value = none;
    ledger_.note(Reason::bad_number, at, text);
  }

  CsvInput input_;
  CsvRecords records_;
  InstrumentReader names_;
  Ledger& ledger_;
  BoundLayout layout_;
  std::size_t fields_ = 0;  // in every record
  ColumnSet wanted_;
  std::vector<Binding> bindings_;  // that are read
  const Binding* venue_ = nullptr;
  const Binding* symbol_ = nullptr;
  std::uint64_t rows_ = 0;
  bool is_ended_ = false;
};

void CsvSource::choose(ColumnSet wanted) {
  wanted_ = wanted;
  bindings_.clear();
  for (const Binding& binding : layout_.bindings) {
    const Part part = binding.field.part;
    const bool is_wanted = part == Part::column       ? wanted.has(binding.field.column)
                           : part == Part::day_change ? wanted.has(Column::open_24h)
                                                      : false;
    if (is_wanted) bindings_.push_back(binding);
  }
  venue_ = layout_.find(Part::venue);
  symbol_ = layout_.find(Part::symbol);
}

bool CsvSource::next(Chunk& chunk) {
  chunk.reset(chunk.columns);
  if (!(wanted_ == chunk.columns)) choose(chunk.columns);
  if (is_ended_) return false;
  std::size_t rows = 0;
  while (rows < chunk.most_rows) {
    if (rows == chunk.rows()) chunk.resize(std::min(chunk.most_rows, std::max(first_rows, rows * 4)));
    const auto found = records_.next();
    is_ended_ = found == CsvRecords::Found::end;
    if (is_ended_) break;
    ++rows_;
    Place& place = chunk.place[rows];
    place.source = input_.number;
    place.row = records_.line() & row_mask;
    if (found == CsvRecords::Found::broken || records_.fields().size() != fields_) {
      reject(Reason::unparsable_row, place, records_.text());
    } else if (read_row(chunk, rows, records_.fields())) {
      ++rows;
    }
  }
  chunk.resize(rows);
  finish_rows(layout_, chunk, 0);
  return rows > 0;
}

/// Fills a row; false where it was counted and is not used.
bool CsvSource::read_row(Chunk& chunk, std::size_t row, std::span<const std::string_view> fields) {
  const std::string_view implied = layout_.layout->venue.empty() ? layout_.keys.venue : layout_.layout->venue;
  const std::string_view venue = venue_ == nullptr ? implied : trimmed(fields[venue_->at]);
  const std::string_view symbol =
      symbol_ == nullptr ? std::string_view(layout_.keys.symbol) : trimmed(fields[symbol_->at]);
  const InstrumentId id = names_.find(venue, symbol);
  if (id == unknown_instrument) {
    reject(Reason::unknown_symbol, chunk.place[row], symbol);
    return false;
  }
  chunk.instrument[row] = id;
  for (const Binding& binding : bindings_) {
    if (!read_field(chunk, row, binding.field, fields[binding.at])) return false;
  }
  return true;
}

bool CsvSource::read_field(Chunk& chunk, std::size_t row, const Field& field, std::string_view text) {
  if (field.part == Part::day_change) {
    chunk.f64(Column::open_24h)[row] = read_number(text);
    return true;
  }
  if (info(field.column).type == ColumnType::f64) {
    chunk.f64(field.column)[row] = read_number(text);
    return true;
  }
  text = trimmed(text);
  if (info(field.column).type != ColumnType::time) {
    read_integers(chunk, row, field, text);
    return true;
  }
  const auto time = text.empty() ? std::nullopt : read_time(text, field.time_unit);
  const bool is_bad = !time && !text.empty();
  Nanos& out = field.column == Column::ts_event  ? chunk.ts_event[row]
               : field.column == Column::ts_recv ? chunk.ts_recv[row]
                                                 : chunk.next_funding_ns[row];
  out = time.value_or(no_time);
  if (is_bad && field.column == Column::ts_event) {
    reject(Reason::unparsable_time, chunk.place[row], text);
    return false;
  }
  if (is_bad) ledger_.note(Reason::bad_number, chunk.place[row], text);
  return true;
}

void CsvSource::read_integers(Chunk& chunk, std::size_t row, const Field& field, std::string_view text) {
  const Place place = chunk.place[row];
  switch (field.column) {
    case Column::seq: return read_integer(chunk.seq[row], text, no_u64, place);
    case Column::trade_id: return read_integer(chunk.trade_id[row], text, no_u64, place);
    case Column::n_trades_24h: return read_integer(chunk.n_trades_24h[row], text, no_i64, place);
    case Column::flags: return read_integer(chunk.flags[row], text, 0U, place);
    case Column::kind: chunk.kind[row] = read_kind(text); return;
    default: break;
  }
  const auto side = read_side(text);
  chunk.side[row] = side.value_or(std::int8_t{0});
  if (!side) ledger_.note(Reason::bad_number, place, text);
}

}  // namespace

CsvHead read_csv_head(const CsvInput& input) {
  CsvRecords records(input.bytes);
  const auto names = read_header(input.path, records);
  CsvHead head{.layout = bind_layout(input.path, names)};
  for (const std::string& name : names) head.schema += name + ": text\n";
  for (std::size_t row = 0; row < head_rows && head.first_event == no_time; ++row) {
    const auto found = records.next();
    if (found == CsvRecords::Found::end) break;
    for (const Column column : {Column::ts_event, Column::ts_recv}) {
      const Binding* binding = head.layout.find(column);
      if (binding == nullptr || binding->at >= records.fields().size() || head.first_event != no_time) continue;
      head.first_event = read_time(records.fields()[binding->at], binding->field.time_unit).value_or(no_time);
    }
  }
  return head;
}

std::unique_ptr<Source> open_csv(CsvInput input, Instruments& instruments, Ledger& ledger) {
  return std::make_unique<CsvSource>(std::move(input), instruments, ledger);
}

}  // namespace millrace
