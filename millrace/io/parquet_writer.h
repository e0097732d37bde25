#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include "millrace/base/workers.h"
#include "millrace/chunk/sink.h"
#include "millrace/io/parquet_page.h"
#include "millrace/io/partial_file.h"

namespace millrace {

/// A column of the row group that is written.
struct FileColumn {
  std::string name;
  std::shared_ptr<arrow::DataType> type;
  bool is_required = false;               // never null
  std::function<void(ColumnRows&)> take;  // takes its values; called by any thread
  const arrow::Array* dictionary = nullptr;
};

struct ParquetWriterOptions {
  Codec codec = Codec::lz4;
  bool has_statistics = false;  // of every column; without, of the first alone
  std::size_t threads = 1;      // that encode columns
};

/// A Parquet file, a row group for each call of `write`. Columns are encoded at the same time, each to one page while
/// its values are near, and written in their order as they are done, so that no thread waits for another and few pages
/// are held. Headers and footer are Arrow's. The bytes do not depend on the number of threads.
class ParquetWriter {
 public:
  ParquetWriter(PartialFile& file, const ParquetWriterOptions& options);

  /// The first call says which columns there are, and their encodings by its rows; it may have none.
  void write(std::vector<FileColumn> columns, std::size_t rows);
  void close(const Provenance& provenance);

 private:
  void open();
  void choose(PageOptions& page, const FileColumn& column, const ColumnRows& rows) const;
  void choose_all();
  void encode(std::size_t worker);
  std::unique_ptr<EncodedColumn> room();
  void hand_over(std::size_t number, std::unique_ptr<EncodedColumn> column);
  void write_pages(const EncodedColumn& column, std::size_t number);
  template <class Work>
  void guarded(Work&& work) const;

  PartialFile& file_;
  ParquetWriterOptions options_;
  Workers workers_;
  std::vector<ColumnRows> rows_;       // by worker
  std::vector<PageEncoder> encoders_;  // by worker
  std::vector<FileColumn> columns_;    // of the row group that is written
  std::size_t row_count_ = 0;
  std::vector<PageOptions> pages_;  // by column
  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<parquet::SchemaDescriptor> descriptor_;
  std::shared_ptr<parquet::WriterProperties> properties_;
  std::unique_ptr<parquet::FileMetaDataBuilder> metadata_;
  parquet::RowGroupMetaDataBuilder* group_ = nullptr;
  std::size_t groups_ = 0;
  std::int64_t group_bytes_ = 0;
  std::atomic<std::size_t> next_ = 0;                 // the column that is encoded next
  std::mutex mutex_;                                  // of what follows
  std::vector<std::unique_ptr<EncodedColumn>> done_;  // by column: waits to be written
  std::vector<std::unique_ptr<EncodedColumn>> free_;
  std::size_t written_ = 0;  // columns
  bool is_writing_ = false;  // a thread does
};

}  // namespace millrace
