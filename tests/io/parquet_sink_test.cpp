#include "millrace/io/parquet_sink.h"

#include <cmath>
#include <fstream>
#include <iterator>
#include <random>

#include <arrow/io/file.h>
#include <gmock/gmock.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/statistics.h>

#include "millrace/base/error.h"
#include "tests/io/files.h"

namespace millrace {
namespace {

constexpr std::size_t shapes = 7;  // of columns: how their nulls and values lie

/// Row `row` of a column of a shape: no nulls, all null, warm-up, few nulls, many, runs of nulls, one value.
double value_of(std::size_t shape, std::size_t row, std::mt19937_64& random) {
  const auto number = static_cast<double>(random() % 1000) / 7.0;
  switch (shape) {
    case 0: return number;
    case 1: return no_value;
    case 2: return row < 700 ? no_value : std::floor(static_cast<double>(row) / 5.0) / 3.0;
    case 3: return random() % 100 == 0 ? no_value : number;
    case 4: return random() % 3 == 0 ? number : no_value;
    case 5: return row / 200 % 2 == 0 ? no_value : number;
    default: return 1.5;
  }
}

struct ParquetSinkTest : testing::Test {
  tests::Folder folder;
  Instruments instruments;
  std::mt19937_64 random{5};
  Chunk chunk;
  FeatureBlock block;

  ParquetSinkTest() {
    for (const char* symbol : {"BTC-USD", "ETH-USD", "SOL-USD"}) instruments.intern("coinbase", symbol);
  }

  /// Rows of three instruments with features of every shape and type.
  void fill(std::size_t rows) {
    chunk.reset({Column::ts_event, Column::kind, Column::price, Column::seq});
    chunk.resize(rows);
    block.order.resize(rows);
    block.columns.clear();
    std::vector<std::vector<std::uint32_t>> by_instrument(3);
    for (std::size_t row = 0; row < rows; ++row) {
      chunk.clear_row(row);
      chunk.instrument[row] = static_cast<InstrumentId>(random() % 3);
      by_instrument[chunk.instrument[row]].push_back(static_cast<std::uint32_t>(row));
      chunk.ts_event[row] = 1'700'000'000'000'000'000 + static_cast<Nanos>(row);
      chunk.f64(Column::price)[row] = value_of(3, row, random);
      if (row % 3 == 0) chunk.seq[row] = row;
    }
    std::size_t at = 0;
    for (const auto& list : by_instrument) {
      for (const std::uint32_t row : list) block.order[at++] = row;
    }
    for (std::size_t shape = 0; shape < shapes; ++shape) {
      for (const ValueType type : {ValueType::number, ValueType::flag, ValueType::time, ValueType::span}) {
        add_column(shape, type, rows);
      }
    }
  }

  void add_column(std::size_t shape, ValueType type, std::size_t rows) {
    FeatureColumn& column = block.columns.emplace_back();
    column.name = "f" + std::to_string(shape) + "_" + std::to_string(static_cast<int>(type));
    column.type = type;
    for (std::size_t row = 0; row < rows; ++row) {
      const double value = value_of(shape, row, random);
      const bool is_null = std::isnan(value);
      if (type == ValueType::number) column.values.push_back(value);
      if (type == ValueType::flag) column.flags.push_back(is_null ? no_flag : static_cast<std::int8_t>(value / 3));
      if (is_integer(type)) column.integers.push_back(is_null ? no_time : static_cast<Nanos>(value * 1e6));
    }
  }

  std::string write(const std::string& name, ParquetSinkOptions options, const std::vector<std::size_t>& row_counts) {
    options.path = folder.path(name);
    options.columns = {Column::ts_event, Column::seq, Column::kind, Column::price};
    const auto sink = make_parquet_sink(options, instruments);
    for (const std::size_t rows : row_counts) {
      random.seed(rows);
      fill(rows);
      sink->write(chunk, block);
    }
    sink->close({{"who", "a test"}});
    return options.path;
  }

  static std::shared_ptr<arrow::Table> read(const std::string& path, int group) {
    const auto file = arrow::io::ReadableFile::Open(path).ValueOrDie();
    const auto reader = parquet::arrow::OpenFile(file, arrow::default_memory_pool()).ValueOrDie();
    return reader->ReadRowGroup(group).ValueOrDie()->CombineChunks().ValueOrDie();
  }

  /// Every value of a row group is that of `chunk` and `block`.
  void expect_written(const std::string& path, int group, const ParquetSinkOptions& options) {
    const auto table = read(path, group);
    ASSERT_EQ(table->num_rows(), static_cast<std::int64_t>(chunk.rows()));
    const bool is_clustered = options.order == RowOrder::instrument;
    std::vector<std::size_t> place(chunk.rows());  // by row of the file: that of the block
    for (std::size_t i = 0; i < place.size(); ++i) place[is_clustered ? i : block.order[i]] = i;
    const auto cell = [&](const std::string& name, std::size_t row) {
      return table->GetColumnByName(name)->chunk(0)->GetScalar(static_cast<std::int64_t>(row)).ValueOrDie();
    };
    for (std::size_t row = 0; row < chunk.rows(); ++row) {
      const std::size_t in_chunk = block.order[place[row]];
      ASSERT_EQ(static_cast<const arrow::TimestampScalar&>(*cell("ts_event", row)).value, chunk.ts_event[in_chunk]);
      ASSERT_EQ(cell("seq", row)->is_valid, chunk.seq[in_chunk] != no_u64);
      const auto price = cell("price", row);
      ASSERT_EQ(price->is_valid, !std::isnan(chunk.f64(Column::price)[in_chunk]));
      if (price->is_valid) {
        ASSERT_EQ(static_cast<const arrow::DoubleScalar&>(*price).value, chunk.f64(Column::price)[in_chunk]);
      }
    }
    for (const FeatureColumn& feature : block.columns) {
      const auto array = table->GetColumnByName(feature.name)->chunk(0);
      for (std::size_t row = 0; row < chunk.rows(); ++row) {
        expect_value(*array, row, feature, place[row], options.is_float32);
      }
      if (HasFatalFailure()) return;
    }
  }

  static void expect_value(const arrow::Array& array, std::size_t row, const FeatureColumn& feature, std::size_t at,
                           bool is_float32) {
    const double expected = feature.number(at);
    const auto i = static_cast<std::int64_t>(row);
    ASSERT_EQ(array.IsValid(i), !std::isnan(expected)) << feature.name << " row " << row;
    if (!array.IsValid(i)) return;
    if (feature.type == ValueType::flag) {
      ASSERT_EQ(static_cast<const arrow::Int8Array&>(array).Value(i), feature.flags[at]);
    } else if (is_integer(feature.type)) {  // a timestamp's array holds its integers too
      ASSERT_EQ(array.data()->GetValues<std::int64_t>(1)[i], feature.integers[at]);
    } else if (is_float32) {
      ASSERT_EQ(static_cast<const arrow::FloatArray&>(array).Value(i), static_cast<float>(expected));
    } else {
      ASSERT_EQ(static_cast<const arrow::DoubleArray&>(array).Value(i), expected);
    }
  }
};

TEST_F(ParquetSinkTest, EveryTypeAndShapeOfNullsIsReadBackInBothOrders) {
  for (const Codec codec : {Codec::lz4, Codec::zstd, Codec::snappy}) {
    for (const bool is_float32 : {false, true}) {
      for (const RowOrder order : {RowOrder::instrument, RowOrder::time}) {
        const ParquetSinkOptions options{.codec = codec, .order = order, .is_float32 = is_float32, .threads = 2};
        for (const std::size_t rows : {1UL, 63UL, 64UL, 65UL, 3001UL}) {
          const std::string path = write("one.parquet", options, {rows});
          expect_written(path, 0, options);
        }
      }
    }
  }
}

TEST_F(ParquetSinkTest, EncodingsChosenByTheFirstRowsHoldWhatComesLater) {
  const ParquetSinkOptions options{.is_float32 = true};
  const std::string path = write("many.parquet", options, {0, 500, 20, 9000});  // the third shape is null at first
  expect_written(path, 2, options);
}

TEST_F(ParquetSinkTest, AFileWithoutRowsHasItsColumns) {
  const std::string path = write("empty.parquet", {}, {0});
  const auto file = parquet::ParquetFileReader::OpenFile(path);
  EXPECT_EQ(file->metadata()->num_row_groups(), 0);
  EXPECT_EQ(file->metadata()->num_columns(), static_cast<int>(6 + 4 * shapes));
}

TEST_F(ParquetSinkTest, ThreadsChangeNoByteOfTheFile) {
  const auto bytes_of = [](const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const std::string one = bytes_of(write("one.parquet", {.threads = 1}, {5000, 200, 7000}));
  for (const std::size_t threads : {2UL, 3UL, 8UL}) {
    EXPECT_EQ(bytes_of(write("more.parquet", {.threads = threads}, {5000, 200, 7000})), one) << threads << " threads";
  }
}

TEST_F(ParquetSinkTest, StatisticsAreOfTimeAloneOrOfEachColumn) {
  for (const bool has_statistics : {false, true}) {
    const std::string path = write("told.parquet", {.has_statistics = has_statistics}, {3001});
    const auto metadata = parquet::ParquetFileReader::OpenFile(path)->metadata();  // a group is a part of it
    const auto group = metadata->RowGroup(0);
    for (int i = 0; i < group->num_columns(); ++i) {
      const auto column = group->ColumnChunk(i);
      EXPECT_EQ(column->is_stats_set(), has_statistics || i == 0) << column->path_in_schema()->ToDotString();
    }
    const auto times = group->ColumnChunk(0);
    const auto& told = static_cast<const parquet::Int64Statistics&>(*times->statistics());
    EXPECT_EQ(told.min(), 1'700'000'000'000'000'000);
    EXPECT_EQ(told.max(), 1'700'000'000'000'003'000);
  }
}

TEST_F(ParquetSinkTest, AFileWithoutColumnsIsRefused) {
  const auto sink =
      make_parquet_sink({.path = folder.path("none.parquet"), .columns = {Column::ts_event}}, instruments);
  EXPECT_THROW(sink->close({}), Error);
}

}  // namespace
}  // namespace millrace
