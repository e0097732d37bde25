#pragma once

#include <memory>
#include <string>

#include <arrow/type_fwd.h>
#include <parquet/arrow/reader.h>

#include "millrace/io/layout.h"
#include "millrace/io/parquet_source.h"

namespace millrace {

/// An opened file whose layout is known and whose columns have the right types.
struct ParquetFile {
  std::unique_ptr<parquet::arrow::FileReader> reader;
  std::shared_ptr<arrow::Schema> schema;
  BoundLayout layout;
};

/// Fails where the file is no Parquet, is cut short, has no layout known here or a column of the wrong type.
ParquetFile open_parquet_file(const std::string& path);

}  // namespace millrace
