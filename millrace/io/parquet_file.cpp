#include "millrace/io/parquet_file.h"

#include <algorithm>
#include <limits>

#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/statistics.h>

#include "millrace/io/arrow_columns.h"
#include "millrace/io/arrow_memory.h"
#include "millrace/io/arrow_result.h"
#include "millrace/io/field_text.h"

namespace millrace {

namespace {

constexpr std::int64_t read_ahead_bytes = 256 * 1024;  // of each column, so memory does not grow with row groups

void check_types(const std::string& path, const ParquetFile& file) {
  for (const Binding& binding : file.layout.bindings) {
    const auto& field = file.schema->field(static_cast<int>(binding.at));
    const auto expected = expected_type(binding.field, stored_as(*field->type()), file.layout.layout->has_text_numbers);
    if (expected.empty()) continue;
    fail(Fault::input, "{}: column `{}` has the wrong type; expected {}, found {}", path, field->name(), expected,
         field->type()->ToString());
  }
}

/// Texts that name instruments are read as dictionaries: a number for each row, each text once.
void read_names_as_dictionaries(const parquet::FileMetaData& meta, parquet::ArrowReaderProperties& properties) {
  for (const char* name : {"venue", "symbol", "product_id"}) {
    const int leaf = meta.schema()->ColumnIndex(name);
    const bool is_text = leaf >= 0 && meta.schema()->Column(leaf)->physical_type() == parquet::Type::BYTE_ARRAY;
    if (is_text) properties.set_read_dictionary(leaf, true);
  }
}

/// Nanoseconds in one count of a column of times; 0 where it holds none that statistics tell.
Nanos unit_of(const parquet::ColumnDescriptor& column, const Field& field) {
  if (column.physical_type() != parquet::Type::INT64) return 0;
  if (!column.logical_type()->is_timestamp()) return field.time_unit;
  switch (static_cast<const parquet::TimestampLogicalType&>(*column.logical_type()).time_unit()) {
    case parquet::LogicalType::TimeUnit::MILLIS: return 1'000'000;
    case parquet::LogicalType::TimeUnit::MICROS: return 1'000;
    case parquet::LogicalType::TimeUnit::NANOS: return 1;
    default: return 0;
  }
}

/// First and last ts_event by the statistics of the row groups; nothing where one has none or times are text.
std::optional<std::pair<Nanos, Nanos>> times_of(const ParquetFile& file) {
  const Binding* binding = file.layout.find(Column::ts_event);
  if (binding == nullptr) return std::nullopt;
  const auto meta = file.reader->parquet_reader()->metadata();
  const int leaf = meta->schema()->ColumnIndex(file.schema->field(static_cast<int>(binding->at))->name());
  const Nanos unit = leaf < 0 ? 0 : unit_of(*meta->schema()->Column(leaf), binding->field);
  if (unit == 0) return std::nullopt;
  std::pair<Nanos, Nanos> times{std::numeric_limits<Nanos>::max(), std::numeric_limits<Nanos>::min()};
  for (int i = 0; i < meta->num_row_groups(); ++i) {
    const auto group = meta->RowGroup(i);
    if (group->num_rows() == 0) continue;
    const auto statistics = std::dynamic_pointer_cast<parquet::Int64Statistics>(group->ColumnChunk(leaf)->statistics());
    if (!statistics || !statistics->HasMinMax()) return std::nullopt;
    const auto first = scaled_time(statistics->min(), unit), last = scaled_time(statistics->max(), unit);
    if (!first || !last) return std::nullopt;
    times = {std::min(times.first, *first), std::max(times.second, *last)};
  }
  return times.first <= times.second ? std::optional(times) : std::nullopt;
}

ParquetFile open_unguarded(const std::string& path) {
  ParquetFile file;
  parquet::ReaderProperties properties(arrow_memory());
  properties.enable_buffered_stream();
  properties.set_buffer_size(read_ahead_bytes);
  parquet::arrow::FileReaderBuilder builder;
  builder.memory_pool(arrow_memory());
  check(builder.OpenFile(path, false, properties), Fault::input, path);
  parquet::ArrowReaderProperties arrow_properties(false);
  arrow_properties.set_batch_size(default_chunk_rows);
  arrow_properties.set_pre_buffer(false);  // it would hold every row group until the end
  read_names_as_dictionaries(*builder.raw_reader()->metadata(), arrow_properties);
  builder.properties(arrow_properties);
  check(builder.Build(&file.reader), Fault::input, path);
  check(file.reader->GetSchema(&file.schema), Fault::input, path);
  file.layout = bind_layout(path, file.schema->field_names());
  check_types(path, file);
  return file;
}

ParquetFooter footer_of(const ParquetFile& file) {
  ParquetFooter footer;
  footer.layout = file.layout;
  footer.times = times_of(file);
  for (const auto& field : file.schema->fields()) footer.schema += field->ToString() + "\n";
  const auto meta = file.reader->parquet_reader()->metadata();
  footer.rows = static_cast<std::uint64_t>(meta->num_rows());
  footer.row_groups = static_cast<std::uint64_t>(meta->num_row_groups());
  if (const auto& pairs = meta->key_value_metadata()) {
    for (std::int64_t i = 0; i < pairs->size(); ++i) footer.metadata.emplace_back(pairs->key(i), pairs->value(i));
  }
  return footer;
}

/// Parquet throws where its Arrow side does not catch; here that becomes our error too.
template <class Work>
auto guarded(const std::string& path, Work&& work) {
  try {
    return work();
  } catch (const parquet::ParquetException& problem) {
    fail(Fault::input, "{}: {}", path, one_line(problem.what()));
  }
}

}  // namespace

ParquetFile open_parquet_file(const std::string& path) {
  return guarded(path, [&] { return open_unguarded(path); });
}

ParquetFooter read_parquet_footer(const std::string& path) {
  return guarded(path, [&] { return footer_of(open_unguarded(path)); });
}

}  // namespace millrace
