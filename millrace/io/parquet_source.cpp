#include "millrace/io/parquet_source.h"

#include <algorithm>
#include <filesystem>
#include <numeric>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include "millrace/io/arrow_columns.h"
#include "millrace/io/arrow_result.h"
#include "millrace/io/parquet_file.h"
#include "millrace/io/row_finish.h"
#include "millrace/io/row_names.h"

namespace millrace {

namespace {

class ParquetSource final : public Source {
 public:
  ParquetSource(std::string path, std::uint16_t number, Instruments& instruments, Ledger& ledger)
      : path_(std::move(path)),
        number_(number),
        file_(open_parquet_file(path_)),
        bytes_(std::filesystem::file_size(path_)),
        rows_(static_cast<std::uint64_t>(file_.reader->parquet_reader()->metadata()->num_rows())),
        names_(instruments),
        ledger_(ledger) {}

  bool next(Chunk& chunk) override;
  ColumnSet columns() const override { return file_.layout.columns(); }
  std::vector<SourceFile> files() const override;
  double progress() const override {
    return rows_ == 0 ? 1.0 : static_cast<double>(rows_read_) / static_cast<double>(rows_);
  }

 private:
  void start(ColumnSet wanted);
  bool has_batch();
  void read_rows(Chunk& chunk, std::int64_t count);
  void read_codes(const arrow::RecordBatch& rows, Part part, TextCodes& texts);

  std::string path_;
  std::uint16_t number_;
  ParquetFile file_;
  std::uint64_t bytes_, rows_, rows_read_ = 0;
  RowNames names_;
  Ledger& ledger_;
  bool is_started_ = false;
  std::vector<Binding> bindings_;  // those that are read
  std::unique_ptr<arrow::RecordBatchReader> batches_;
  std::shared_ptr<arrow::RecordBatch> batch_;  // partly handed over
  std::int64_t batch_at_ = 0;
  TextCodes texts_, venues_, symbols_;
  std::vector<std::uint8_t> keep_;
};

void ParquetSource::start(ColumnSet wanted) {
  is_started_ = true;
  const auto& schema = *file_.reader->parquet_reader()->metadata()->schema();
  std::vector<int> leaves;
  for (const Binding& binding : file_.layout.bindings) {
    const Field& field = binding.field;
    const bool is_wanted = field.part == Part::column       ? wanted.has(field.column)
                           : field.part == Part::day_change ? wanted.has(Column::open_24h)
                                                            : true;
    if (!is_wanted) continue;
    bindings_.push_back(binding);
    leaves.push_back(schema.ColumnIndex(file_.schema->field(static_cast<int>(binding.at))->name()));
  }
  std::vector<int> groups(static_cast<std::size_t>(file_.reader->num_row_groups()));
  std::iota(groups.begin(), groups.end(), 0);
  batches_ = take(file_.reader->GetRecordBatchReader(groups, leaves), Fault::input, path_);
}

bool ParquetSource::has_batch() {
  while (batch_ == nullptr || batch_at_ == batch_->num_rows()) {
    batch_at_ = 0;
    check(batches_->ReadNext(&batch_), Fault::input, fmt::format("{}: behind row {}", path_, rows_read_));
    if (batch_ == nullptr) return false;
  }
  return true;
}

bool ParquetSource::next(Chunk& chunk) {
  chunk.reset(chunk.columns);
  if (!is_started_) start(chunk.columns);
  while (chunk.rows() == 0) {  // rows may all be dropped
    keep_.clear();
    while (chunk.rows() < chunk.most_rows && has_batch()) {
      const auto space = static_cast<std::int64_t>(chunk.most_rows - chunk.rows());
      read_rows(chunk, std::min(space, batch_->num_rows() - batch_at_));
    }
    if (chunk.rows() == 0) return false;
    if (std::find(keep_.begin(), keep_.end(), 0) != keep_.end()) chunk.compact(keep_);
  }
  return true;
}

void ParquetSource::read_rows(Chunk& chunk, std::int64_t count) {
  const auto rows = batch_->Slice(batch_at_, count);
  const std::size_t at = chunk.rows();
  const std::size_t end = at + static_cast<std::size_t>(count);
  chunk.resize(end);
  keep_.resize(end, 1);
  for (std::size_t i = at; i < end; ++i) {
    chunk.place[i].source = number_;
    chunk.place[i].row = ++rows_read_ & ((std::uint64_t{1} << 48U) - 1);
  }
  const RowTarget target{chunk, at, keep_, ledger_};
  for (const Binding& binding : bindings_) {
    const Part part = binding.field.part;
    if (part == Part::venue || part == Part::symbol) continue;
    const auto array = rows->GetColumnByName(file_.schema->field(static_cast<int>(binding.at))->name());
    read_column(values_of(*array, texts_), binding.field, target);
  }
  finish_rows(file_.layout, chunk, at);
  read_codes(*rows, Part::venue, venues_);
  read_codes(*rows, Part::symbol, symbols_);
  names_.name(venues_, symbols_, target);
  batch_at_ += count;
}

/// The texts of a field, or the one text that the layout or the path gives; then there are no codes.
void ParquetSource::read_codes(const arrow::RecordBatch& rows, Part part, TextCodes& texts) {
  const BoundLayout& layout = file_.layout;
  const Binding* binding = layout.find(part);
  if (binding != nullptr) {
    read_texts(*rows.GetColumnByName(file_.schema->field(static_cast<int>(binding->at))->name()), texts);
    return;
  }
  texts.codes.clear();
  texts.texts.assign(1, layout.implied_text(part));
}

std::vector<SourceFile> ParquetSource::files() const {
  return {{.path = path_,
           .layout = std::string(file_.layout.layout->name),
           .bytes = bytes_,
           .rows = rows_,
           .renamed = names_.renamed()}};
}

}  // namespace

std::unique_ptr<Source> open_parquet(const std::string& path, std::uint16_t number, Instruments& instruments,
                                     Ledger& ledger) {
  return std::make_unique<ParquetSource>(path, number, instruments, ledger);
}

}  // namespace millrace
