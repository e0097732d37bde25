#include "millrace/io/table_file.h"

#include <array>
#include <numeric>

#include <arrow/array.h>
#include <arrow/csv/api.h>
#include <arrow/io/compressed.h>
#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/compression.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/writer.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/properties.h>

#include "millrace/io/arrow_codec.h"
#include "millrace/io/arrow_memory.h"
#include "millrace/io/arrow_result.h"

namespace millrace {

namespace {

constexpr std::int64_t read_ahead_bytes = 256 * 1024;  // of each column, so memory does not grow with row groups

std::string head_of(const std::string& path) {
  const auto file = take(arrow::io::ReadableFile::Open(path, arrow_memory()), Fault::input, path);
  std::array<char, 4> head{};
  const std::int64_t size = take(file->Read(head.size(), head.data()), Fault::input, path);
  if (size == 0) fail(Fault::input, "{}: expected Parquet or CSV, was empty", path);
  return {head.data(), static_cast<std::size_t>(size)};
}

/// Parquet throws where its Arrow side does not catch; here that becomes our error too.
template <class Work>
void guarded(const std::string& path, Fault fault, Work&& work) {
  try {
    work();
  } catch (const parquet::ParquetException& problem) {
    fail(fault, "{}: {}", path, one_line(problem.what()));
  }
}

}  // namespace

TableFile::TableFile(const std::string& path, const Options& options) : path_(path) {
  const std::string head = head_of(path);
  guarded(path, Fault::input, [&] {
    if (head == "PAR1") return open_parquet(options);
    open_csv(head.starts_with("\x1f\x8b"), options);
  });
}

std::shared_ptr<arrow::Schema> TableFile::schema() const { return batches_->schema(); }

void TableFile::open_parquet(const Options& options) {
  parquet::ReaderProperties properties(arrow_memory());
  properties.enable_buffered_stream();
  properties.set_buffer_size(read_ahead_bytes);
  parquet::arrow::FileReaderBuilder builder;
  builder.memory_pool(arrow_memory());
  check(builder.OpenFile(path_, false, properties), Fault::input, path_);
  parquet::ArrowReaderProperties arrow_properties(options.uses_threads);
  arrow_properties.set_batch_size(table_batch_rows);
  arrow_properties.set_pre_buffer(false);  // it would hold every row group until the end
  builder.properties(arrow_properties);
  check(builder.Build(&parquet_), Fault::input, path_);
  const auto meta = parquet_->parquet_reader()->metadata();
  rows_ = static_cast<std::uint64_t>(meta->num_rows());
  std::vector<int> groups(static_cast<std::size_t>(meta->num_row_groups())), columns;
  std::iota(groups.begin(), groups.end(), 0);
  for (int i = 0; i < meta->num_columns(); ++i) {
    const std::string name = meta->schema()->GetColumnRoot(i)->name();
    if (options.only.empty() || std::find(options.only.begin(), options.only.end(), name) != options.only.end()) {
      columns.push_back(i);
    }
  }
  batches_ = take(parquet_->GetRecordBatchReader(groups, columns), Fault::input, path_);
}

void TableFile::open_csv(bool is_gzip, const Options& options) {
  std::shared_ptr<arrow::io::InputStream> bytes =
      take(arrow::io::ReadableFile::Open(path_, arrow_memory()), Fault::input, path_);
  if (is_gzip) {
    static const auto gzip = take(arrow::util::Codec::Create(arrow::Compression::GZIP), Fault::input, path_);
    bytes = take(arrow::io::CompressedInputStream::Make(gzip.get(), bytes), Fault::input, path_);
  }
  auto read = arrow::csv::ReadOptions::Defaults();
  read.use_threads = options.uses_threads;
  auto parse = arrow::csv::ParseOptions::Defaults();
  parse.newlines_in_values = true;
  auto convert = arrow::csv::ConvertOptions::Defaults();
  convert.strings_can_be_null = true;
  convert.quoted_strings_can_be_null = false;
  for (const std::string& name : options.numbers) convert.column_types[name] = arrow::float64();
  batches_ = take(arrow::csv::StreamingReader::Make(arrow::io::IOContext(arrow_memory()), bytes, read, parse, convert),
                  Fault::input, path_);
}

TableSink::TableSink(const std::string& path, std::shared_ptr<arrow::Schema> schema, const Options& options)
    : file_(path), schema_(std::move(schema)), options_(options) {}

TableSink::~TableSink() = default;

void TableSink::open(const arrow::RecordBatch& sample) {
  parquet::WriterProperties::Builder properties;
  properties.memory_pool(arrow_memory());
  properties.version(parquet::ParquetVersion::PARQUET_2_6)
      ->disable_dictionary()
      ->compression(arrow_codec(options_.codec));
  properties.max_row_group_length(16 * 1024 * 1024)->write_batch_size(16 * 1024);
  for (int i = 0; i < schema_->num_fields(); ++i) {
    const std::string& name = schema_->field(i)->name();
    const arrow::Array& column = *sample.column(i);
    switch (column.type_id()) {
      case arrow::Type::STRING:
      case arrow::Type::LARGE_STRING:
      case arrow::Type::DICTIONARY: properties.enable_dictionary(name); continue;
      case arrow::Type::TIMESTAMP:
      case arrow::Type::INT64:
      case arrow::Type::UINT64: properties.encoding(name, parquet::Encoding::DELTA_BINARY_PACKED); continue;
      case arrow::Type::DOUBLE:
      case arrow::Type::FLOAT: break;
      default: continue;
    }
    const auto bytes = static_cast<std::size_t>(column.type()->byte_width());
    const auto* values = reinterpret_cast<const std::byte*>(column.data()->buffers[1]->data());
    const ColumnEncoding encoding = choose_encoding(
        {values + static_cast<std::size_t>(column.offset()) * bytes, static_cast<std::size_t>(column.length()) * bytes},
        bytes, options_.codec);
    properties.encoding(name, encoding.is_split ? parquet::Encoding::BYTE_STREAM_SPLIT : parquet::Encoding::PLAIN);
    if (!encoding.is_compressed) properties.compression(name, parquet::Compression::UNCOMPRESSED);
  }
  parquet::ArrowWriterProperties::Builder arrow_properties;
  arrow_properties.store_schema();
  arrow_properties.set_use_threads(options_.uses_threads);
  writer_ = take(parquet::arrow::FileWriter::Open(*schema_, arrow_memory(), file_.stream(), properties.build(),
                                                  arrow_properties.build()),
                 Fault::output, file_.path());
}

void TableSink::write(const arrow::RecordBatch& batch) {
  guarded(file_.path(), Fault::output, [&] {
    if (!writer_) open(batch);
    if (batch.num_rows() == 0) return;
    check(writer_->NewBufferedRowGroup(), Fault::output, file_.path());
    check(writer_->WriteRecordBatch(batch), Fault::output, file_.path());
    file_.write_behind();
  });
}

void TableSink::close() {
  guarded(file_.path(), Fault::output, [&] {
    if (!writer_) open(*take(arrow::RecordBatch::MakeEmpty(schema_), Fault::output, file_.path()));
    auto metadata = std::make_shared<arrow::KeyValueMetadata>();
    for (const auto& [key, value] : options_.metadata) metadata->Append(key, value);
    check(writer_->AddKeyValueMetadata(metadata), Fault::output, file_.path());
    check(writer_->Close(), Fault::output, file_.path());
  });
  file_.publish();
}

}  // namespace millrace
