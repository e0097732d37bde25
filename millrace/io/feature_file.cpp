#include "millrace/io/feature_file.h"

#include <algorithm>
#include <utility>

#include <arrow/array.h>
#include <arrow/io/file.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>

#include "millrace/base/error.h"
#include "millrace/io/arrow_memory.h"
#include "millrace/io/arrow_result.h"

namespace millrace {

struct FeatureFile::File {
  std::string path;
  std::unique_ptr<parquet::arrow::FileReader> reader;
  std::map<std::string, std::string> metadata;
  std::map<std::string, int> places;  // of columns, by name
};

namespace {

template <class Array, class Value, class Vector>
void copy(const arrow::ChunkedArray& from, Vector& to, Value null) {
  for (const auto& chunk : from.chunks()) {
    const auto& array = static_cast<const Array&>(*chunk);
    for (std::int64_t i = 0; i < array.length(); ++i) {
      to.push_back(array.IsNull(i) ? null : static_cast<Value>(array.Value(i)));
    }
  }
}

void copy_numbers(const arrow::ChunkedArray& from, AlignedVector<double>& to) {
  for (const auto& chunk : from.chunks()) {
    const auto& array = static_cast<const arrow::DoubleArray&>(*chunk);
    const std::size_t at = to.size();
    to.resize(at + static_cast<std::size_t>(array.length()));
    std::copy_n(array.raw_values(), array.length(), to.begin() + static_cast<std::ptrdiff_t>(at));
    if (array.null_count() == 0) continue;
    for (std::int64_t i = 0; i < array.length(); ++i) {
      if (array.IsNull(i)) to[at + static_cast<std::size_t>(i)] = no_value;
    }
  }
}

void fill(const arrow::ChunkedArray& from, FeatureColumn& column, const std::string& where) {
  column.values.clear();
  column.flags.clear();
  column.integers.clear();
  switch (from.type()->id()) {
    case arrow::Type::DOUBLE: column.type = ValueType::number; return copy_numbers(from, column.values);
    case arrow::Type::INT8: column.type = ValueType::flag; return copy<arrow::Int8Array>(from, column.flags, no_flag);
    case arrow::Type::BOOL:
      column.type = ValueType::flag;
      return copy<arrow::BooleanArray>(from, column.flags, no_flag);
    case arrow::Type::INT64:
    case arrow::Type::TIMESTAMP:
    case arrow::Type::DURATION:
      column.type = ValueType::time;
      return copy<arrow::Int64Array>(from, column.integers, no_time);
    default:
      fail(Fault::input, "{}: column `{}`: expected 64-bit numbers as `research` writes without --float32, was {}",
           where, column.name, from.type()->ToString());
  }
}

}  // namespace

FeatureFile::FeatureFile(const std::string& path) : file_(std::make_unique<File>()) {
  file_->path = path;
  parquet::arrow::FileReaderBuilder builder;
  builder.memory_pool(arrow_memory());
  check(builder.OpenFile(path, false, parquet::ReaderProperties(arrow_memory())), Fault::input, path);
  check(builder.Build(&file_->reader), Fault::input, path);
  const auto meta = file_->reader->parquet_reader()->metadata();
  if (const auto pairs = meta->key_value_metadata()) {
    for (std::int64_t i = 0; i < pairs->size(); ++i) file_->metadata.emplace(pairs->key(i), pairs->value(i));
  }
  for (int i = 0; i < meta->num_columns(); ++i) file_->places.emplace(meta->schema()->GetColumnRoot(i)->name(), i);
  if (!metadata("millrace.schema").starts_with("features")) {
    fail(Fault::input, "{}: expected a feature file of `millrace research`, has no such metadata", path);
  }
  for (const char* key : {"millrace.where", "millrace.projection"}) {
    if (!metadata(key).empty()) fail(Fault::input, "{}: expected all rows and columns, was written with {}", path, key);
  }
}

FeatureFile::~FeatureFile() = default;
FeatureFile::FeatureFile(FeatureFile&&) noexcept = default;

const std::string& FeatureFile::metadata(const std::string& key) const {
  static const std::string none;
  const auto at = file_->metadata.find(key);
  return at == file_->metadata.end() ? none : at->second;
}

std::size_t FeatureFile::groups() const { return static_cast<std::size_t>(file_->reader->num_row_groups()); }

std::vector<std::string> FeatureFile::missing(const std::vector<std::string>& names) const {
  std::vector<std::string> list;
  for (const std::string& name : names) {
    if (!file_->places.contains(name)) list.push_back(name);
  }
  return list;
}

void FeatureFile::read(std::size_t group, const std::vector<std::string>& names, FeatureBlock& features,
                       std::vector<Nanos>& ts_event) {
  std::vector<int> columns{file_->places.at("ts_event")};
  for (const std::string& name : names) columns.push_back(file_->places.at(name));
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  const std::shared_ptr<arrow::Table> table =
      take(file_->reader->ReadRowGroup(static_cast<int>(group), columns), Fault::input, file_->path);
  ts_event.clear();
  copy<arrow::Int64Array>(*table->GetColumnByName("ts_event"), ts_event, no_time);
  features.columns.resize(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    features.columns[i].name = names[i];
    fill(*table->GetColumnByName(names[i]), features.columns[i], file_->path);
  }
}

}  // namespace millrace
