#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <arrow/type_fwd.h>
#include <arrow/util/compression.h>
#include <parquet/schema.h>
#include <parquet/statistics.h>
#include <parquet/types.h>

#include "millrace/base/aligned.h"
#include "millrace/io/column_encoding.h"
#include "millrace/io/column_rows.h"
#include "millrace/io/lz4_repeats.h"

namespace millrace {

/// A column of a row group as it stands in the file, but for its headers: one page, and one of a dictionary.
struct EncodedColumn {
  AlignedVector<std::byte> page;
  std::size_t bytes = 0;      // of `page`
  std::int64_t unpacked = 0;  // bytes before compression
  parquet::Encoding::type encoding = parquet::Encoding::PLAIN;
  AlignedVector<std::byte> dictionary;  // not compressed; empty: none
  std::int32_t words = 0;               // in it
  std::optional<parquet::EncodedStatistics> statistics;
};

/// How the pages of a column are made; the same for all row groups but those before its first value.
struct PageOptions {
  const parquet::ColumnDescriptor* column = nullptr;
  ColumnEncoding encoding;
  bool is_chosen = false;  // the encoding, by the first values that came
  bool has_statistics = false;
};

/// Turns columns into pages. One for each thread.
class PageEncoder {
 public:
  explicit PageEncoder(Codec codec);

  /// `dictionary` has the texts that `rows` are numbers of; nullptr: values are plain numbers. Throws
  /// parquet::ParquetException.
  void encode(const PageOptions& options, const ColumnRows& rows, const arrow::Array* dictionary, EncodedColumn& out);

 private:
  void encode_levels(const ColumnRows& rows);
  void pack(const PageOptions& options, const ColumnRows& rows, std::span<const std::byte> values, EncodedColumn& out);

  std::unique_ptr<arrow::util::Codec> compressor_;
  Lz4Repeats repeats_;
  std::vector<std::byte> levels_;   // which rows are not null, as Parquet writes it
  AlignedVector<std::byte> plain_;  // a page before compression
};

}  // namespace millrace
