#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>
#include <parquet/arrow/reader.h>

#include "millrace/io/column_encoding.h"
#include "millrace/io/partial_file.h"

namespace millrace {

inline constexpr std::int64_t table_batch_rows = 64 * 1024;

/// A table of any columns, read batch by batch: Parquet, or CSV with a header (also gzip), whose types are those of its
/// first megabyte. Throws Error(Fault::input) where the file is neither.
class TableFile {
 public:
  struct Options {
    std::vector<std::string> only;  // these columns; empty: all. A name that is missing is passed over.
    bool uses_threads = false;
    std::vector<std::string> numbers;  // columns of a CSV that are numbers with fractions, whatever the first ones are
  };

  TableFile(const std::string& path, const Options& options);

  const std::string& path() const { return path_; }
  const std::shared_ptr<arrow::RecordBatchReader>& batches() const { return batches_; }
  std::shared_ptr<arrow::Schema> schema() const;
  std::uint64_t rows() const { return rows_; }  // 0 where the file does not tell

 private:
  void open_parquet(const Options& options);
  void open_csv(bool is_gzip, const Options& options);

  std::string path_;
  std::unique_ptr<parquet::arrow::FileReader> parquet_;  // outlives the batches
  std::shared_ptr<arrow::RecordBatchReader> batches_;
  std::uint64_t rows_ = 0;
};

/// Writes a table of any columns as Parquet, one row group for each batch; the file appears when it is closed.
class TableSink {
 public:
  struct Options {
    Codec codec = Codec::lz4;
    std::vector<std::pair<std::string, std::string>> metadata;
    bool uses_threads = false;
  };

  TableSink(const std::string& path, std::shared_ptr<arrow::Schema> schema, const Options& options);
  ~TableSink();

  void write(const arrow::RecordBatch& batch);
  void close();

 private:
  void open(const arrow::RecordBatch& sample);

  PartialFile file_;
  std::shared_ptr<arrow::Schema> schema_;
  Options options_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
};

}  // namespace millrace
