#include "millrace/io/parquet_writer.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include <arrow/io/file.h>
#include <arrow/ipc/writer.h>
#include <arrow/type.h>
#include <arrow/util/base64.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/schema.h>
#include <parquet/column_page.h>
#include <parquet/column_writer.h>
#include <parquet/exception.h>
#include <parquet/file_writer.h>

#include "millrace/io/arrow_codec.h"
#include "millrace/io/arrow_memory.h"
#include "millrace/io/arrow_result.h"

namespace millrace {

namespace {

constexpr std::string_view magic = "PAR1";

bool is_number(const arrow::DataType& type) {
  return type.id() == arrow::Type::DOUBLE || type.id() == arrow::Type::FLOAT;
}

std::shared_ptr<arrow::Buffer> view_of(const AlignedVector<std::byte>& bytes, std::size_t count) {
  return std::make_shared<arrow::Buffer>(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                         static_cast<std::int64_t>(count));
}

}  // namespace

ParquetWriter::ParquetWriter(PartialFile& file, const ParquetWriterOptions& options)
    : file_(file), options_(options), workers_(options.threads), rows_(workers_.size()) {
  guarded([&] {
    for (std::size_t i = 0; i < workers_.size(); ++i) encoders_.emplace_back(options.codec);
  });
}

/// Parquet throws where its Arrow side does not catch; here that becomes our error too.
template <class Work>
void ParquetWriter::guarded(Work&& work) const {
  try {
    work();
  } catch (const parquet::ParquetStatusException& problem) {
    check(problem.status(), Fault::output, file_.path());
  } catch (const parquet::ParquetException& problem) {
    fail(Fault::output, "{}: {}", file_.path(), one_line(problem.what()));
  }
}

void ParquetWriter::write(std::vector<FileColumn> columns, std::size_t rows) {
  assert(columns_.empty() || columns_.size() == columns.size());
  columns_ = std::move(columns);
  row_count_ = rows;
  if (rows == 0) return;
  guarded([&] {
    if (metadata_ == nullptr) open();
    group_ = metadata_->AppendRowGroup();
    group_->set_num_rows(static_cast<std::int64_t>(rows));
    group_bytes_ = 0;
    next_ = written_ = 0;
    done_.resize(columns_.size());
    const auto job = [this](std::size_t worker) { encode(worker); };
    workers_.run(std::ref(job));
    group_->Finish(group_bytes_, static_cast<std::int16_t>(groups_++));
  });
  file_.write_behind();
}

void ParquetWriter::close(const Provenance& provenance) {
  if (columns_.empty()) {
    fail(Fault::output, "{}: closed before a chunk, which names its columns, was written", file_.path());
  }
  guarded([&] {
    if (metadata_ == nullptr) open();
    const auto schema = take(arrow::ipc::SerializeSchema(*schema_, arrow_memory()), Fault::output, file_.path());
    auto pairs = std::make_shared<arrow::KeyValueMetadata>();
    pairs->Append("ARROW:schema", arrow::util::base64_encode(schema->ToString()));
    for (const auto& [key, value] : provenance) pairs->Append(key, value);
    parquet::WriteFileMetaData(*metadata_->Finish(pairs), file_.stream().get());
  });
}

/// What stands in the file before its rows, and how they will.
void ParquetWriter::open() {
  check(file_.stream()->Write(magic.data(), static_cast<std::int64_t>(magic.size())), Fault::output, file_.path());
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (const FileColumn& column : columns_)
    fields.push_back(arrow::field(column.name, column.type, !column.is_required));
  schema_ = arrow::schema(std::move(fields));
  parquet::WriterProperties::Builder properties;
  properties.memory_pool(arrow_memory())->version(parquet::ParquetVersion::PARQUET_2_6)->disable_dictionary();
  properties.compression(arrow_codec(options_.codec));
  const auto describe = [&] {
    properties_ = properties.build();
    check(parquet::arrow::ToParquetSchema(schema_.get(), *properties_, &descriptor_), Fault::output, file_.path());
    for (std::size_t i = 0; i < pages_.size(); ++i) pages_[i].column = descriptor_->Column(static_cast<int>(i));
  };
  pages_.resize(columns_.size());
  describe();
  choose_all();
  for (std::size_t i = 0; i < pages_.size(); ++i) {
    pages_[i].has_statistics = options_.has_statistics || i == 0;
    if (!pages_[i].encoding.is_compressed) {
      properties.compression(columns_[i].name, parquet::Compression::UNCOMPRESSED);
    }
  }
  describe();
  metadata_ = parquet::FileMetaDataBuilder::Make(descriptor_.get(), properties_);
}

void ParquetWriter::choose(PageOptions& page, const FileColumn& column, const ColumnRows& rows) const {
  if (page.is_chosen || rows.valid() == 0 || column.dictionary != nullptr) return;
  const bool is_integer = page.column->physical_type() == parquet::Type::INT64;
  if (!is_integer) page.encoding = choose_encoding(rows.values(), rows.value_bytes(), options_.codec);
  if (!is_integer && !is_number(*column.type)) page.encoding.is_compressed = true;
  page.encoding.is_split = page.encoding.is_split && is_number(*column.type);
  page.is_chosen = true;
}

void ParquetWriter::choose_all() {
  workers_.run([this](std::size_t worker) {
    for (std::size_t i = worker; i < columns_.size() && row_count_ > 0; i += workers_.size()) {
      columns_[i].take(rows_[worker]);
      choose(pages_[i], columns_[i], rows_[worker]);
    }
  });
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    // What is left of a time by its differences does not shrink further.
    if (columns_[i].type->id() == arrow::Type::TIMESTAMP) pages_[i].encoding.is_compressed = false;
  }
}

void ParquetWriter::encode(std::size_t worker) {
  while (true) {
    const std::size_t number = next_.fetch_add(1);
    if (number >= columns_.size()) return;
    const FileColumn& column = columns_[number];
    PageOptions& page = pages_[number];
    std::unique_ptr<EncodedColumn> encoded = room();
    column.take(rows_[worker]);
    const bool is_compressed = page.encoding.is_compressed;  // the footer says so of all row groups
    choose(page, column, rows_[worker]);
    page.encoding.is_compressed = is_compressed;
    encoders_[worker].encode(page, rows_[worker], column.dictionary, *encoded);
    hand_over(number, std::move(encoded));
  }
}

std::unique_ptr<EncodedColumn> ParquetWriter::room() {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) return std::make_unique<EncodedColumn>();
  std::unique_ptr<EncodedColumn> column = std::move(free_.back());
  free_.pop_back();
  return column;
}

/// Whoever brings the column that comes next writes it and those that wait behind it. At most all columns of the row
/// group wait.
void ParquetWriter::hand_over(std::size_t number, std::unique_ptr<EncodedColumn> column) {
  std::unique_lock lock(mutex_);
  done_[number] = std::move(column);
  if (is_writing_) return;
  is_writing_ = true;
  try {
    while (written_ < done_.size() && done_[written_] != nullptr) {
      std::unique_ptr<EncodedColumn> next = std::move(done_[written_]);
      const std::size_t place = written_;
      lock.unlock();
      write_pages(*next, place);
      lock.lock();
      free_.push_back(std::move(next));
      ++written_;
    }
  } catch (...) {
    if (!lock.owns_lock()) lock.lock();
    is_writing_ = false;
    written_ = done_.size();  // nothing more is written
    throw;
  }
  is_writing_ = false;
}

void ParquetWriter::write_pages(const EncodedColumn& column, std::size_t number) {
  const auto codec =
      pages_[number].encoding.is_compressed ? arrow_codec(options_.codec) : arrow::Compression::UNCOMPRESSED;
  parquet::ColumnChunkMetaDataBuilder* chunk = group_->NextColumnChunk();
  const auto pages = parquet::PageWriter::Open(file_.stream(), codec, chunk, -1, -1, arrow_memory());
  const bool has_dictionary = !column.dictionary.empty();
  if (has_dictionary) {
    const auto words = view_of(column.dictionary, column.dictionary.size());
    group_bytes_ += pages->WriteDictionaryPage({words, column.words, parquet::Encoding::PLAIN});
  }
  const parquet::DataPageV1 page(view_of(column.page, column.bytes), static_cast<std::int32_t>(row_count_),
                                 column.encoding, parquet::Encoding::RLE, parquet::Encoding::RLE, column.unpacked);
  group_bytes_ += pages->WriteDataPage(page);
  if (column.statistics) chunk->SetStatistics(*column.statistics);
  pages->Close(has_dictionary, false);
}

}  // namespace millrace
