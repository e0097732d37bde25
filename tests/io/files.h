#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <gtest/gtest.h>
#include <parquet/arrow/writer.h>
#include <zlib.h>

#include "millrace/chunk/source.h"

namespace millrace::tests {

/// A folder that is gone when the test ends.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "millrace-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path(std::string_view name = "") const { return name.empty() ? path_ : path_ + "/" + std::string(name); }

  std::string write(std::string_view name, std::string_view text) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }

  std::string write_gzip(std::string_view name, std::string_view text) const {
    const gzFile file = gzopen(path(name).c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
    return path(name);
  }

  std::string write_parquet(std::string_view name, const std::shared_ptr<arrow::Table>& table,
                            std::int64_t group_rows = 1 << 16, bool keeps_arrow_types = true) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    const auto file = arrow::io::FileOutputStream::Open(path(name)).ValueOrDie();
    parquet::ArrowWriterProperties::Builder arrow_properties;
    if (keeps_arrow_types) arrow_properties.store_schema();
    const auto written = parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), file, group_rows,
                                                    parquet::default_writer_properties(), arrow_properties.build());
    EXPECT_TRUE(written.ok()) << written.ToString();
    EXPECT_TRUE(file->Close().ok());
    return path(name);
  }

 private:
  std::string path_;
};

/// An Arrow array of the builder's type; nullopt = null.
template <class Builder, class Value>
std::shared_ptr<arrow::Array> array_of(const std::vector<std::optional<Value>>& values, Builder&& builder = Builder()) {
  for (const auto& value : values) {
    const auto status = value ? builder.Append(*value) : builder.AppendNull();
    EXPECT_TRUE(status.ok()) << status.ToString();
  }
  return builder.Finish().ValueOrDie();
}

using NamedArray = std::pair<std::string, std::shared_ptr<arrow::Array>>;
inline std::shared_ptr<arrow::Table> table_of(const std::vector<NamedArray>& columns) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (const auto& [name, array] : columns) {
    fields.push_back(arrow::field(name, array->type()));
    arrays.push_back(array);
  }
  return arrow::Table::Make(arrow::schema(fields), arrays);
}

inline std::shared_ptr<arrow::Array> doubles(const std::vector<std::optional<double>>& values) {
  return array_of<arrow::DoubleBuilder>(values);
}
inline std::shared_ptr<arrow::Array> integers(const std::vector<std::optional<std::int64_t>>& values) {
  return array_of<arrow::Int64Builder>(values);
}
inline std::shared_ptr<arrow::Array> texts(const std::vector<std::optional<std::string>>& values) {
  return array_of<arrow::StringBuilder>(values);
}
inline std::shared_ptr<arrow::Array> timestamps(const std::vector<std::optional<std::int64_t>>& values,
                                                arrow::TimeUnit::type unit = arrow::TimeUnit::NANO) {
  return array_of(values, arrow::TimestampBuilder(arrow::timestamp(unit, "UTC"), arrow::default_memory_pool()));
}
inline std::shared_ptr<arrow::Array> dictionary(const std::vector<std::optional<std::string>>& values) {
  return array_of<arrow::StringDictionary32Builder>(values);
}

/// Everything a source gives in parts of `most_rows`, in one chunk; `largest` is told the rows of the largest part.
inline Chunk read_all(Source& source, ColumnSet columns = ColumnSet::all(), std::size_t* largest = nullptr,
                      std::size_t most_rows = default_chunk_rows) {
  Chunk all, chunk;
  all.reset(columns);
  chunk.reset(columns);
  chunk.most_rows = most_rows;
  while (source.next(chunk)) {
    EXPECT_GT(chunk.rows(), 0U);
    EXPECT_LE(chunk.rows(), most_rows);
    if (largest != nullptr) *largest = std::max(*largest, chunk.rows());
    all.append(chunk, 0, chunk.rows());
  }
  EXPECT_EQ(chunk.rows(), 0U);
  return all;
}

/// The shared market data, or nothing; then the test has to be skipped with `no_data_reason`.
inline std::optional<std::string> market_data(std::string_view name) {
  const char* root = std::getenv("MILLRACE_DATA");
  const std::string folder = root != nullptr ? root : std::string(MILLRACE_SOURCE_DIR) + "/../shared/data";
  const std::string path = folder + "/" + std::string(name);
  return std::filesystem::exists(path) ? std::optional(path) : std::nullopt;
}
inline constexpr const char* no_data_reason = "the market data is not here; set MILLRACE_DATA to its folder";

}  // namespace millrace::tests
