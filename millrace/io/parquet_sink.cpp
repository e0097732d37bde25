#include "millrace/io/parquet_sink.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <unordered_map>
#include <vector>

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/builder.h>
#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <arrow/util/thread_pool.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include "millrace/io/arrow_memory.h"
#include "millrace/io/arrow_result.h"
#include "millrace/io/partial_file.h"

namespace millrace {

namespace {

std::shared_ptr<arrow::DataType> arrow_type(Column column) {
  const bool is_stamp = column == Column::ts_event || column == Column::ts_recv;
  switch (info(column).type) {
    case ColumnType::time: return is_stamp ? arrow::timestamp(arrow::TimeUnit::NANO, "UTC") : arrow::int64();
    case ColumnType::u64: return arrow::uint64();
    case ColumnType::u32: return arrow::uint32();
    case ColumnType::u8: return arrow::uint8();
    case ColumnType::i64: return arrow::int64();
    case ColumnType::i8: return arrow::int8();
    case ColumnType::f64: break;
  }
  return arrow::float64();
}

parquet::Compression::type parquet_codec(Codec codec) {
  switch (codec) {
    case Codec::zstd: return parquet::Compression::ZSTD;
    case Codec::snappy: return parquet::Compression::SNAPPY;
    case Codec::lz4: break;
  }
  return parquet::Compression::LZ4;
}

/// One half of the names of the instruments that were written, as a dictionary. Each word stands in it once: Arrow
/// drops a dictionary that repeats a word, and writes unset memory in its place.
class Words {
 public:
  bool has(InstrumentId id) const { return id < codes_.size() && codes_[id] >= 0; }
  std::int32_t code(InstrumentId id) const { return codes_[id]; }

  void add(InstrumentId id, const std::string& word) {
    if (id >= codes_.size()) codes_.resize(id + 1, -1);
    const auto [at, is_new] = places_.try_emplace(word, static_cast<std::int32_t>(list_.size()));
    codes_[id] = at->second;
    if (!is_new) return;
    list_.push_back(word);
    array_.reset();
  }

  const std::shared_ptr<arrow::Array>& array(const std::string& path) {
    if (array_ != nullptr) return array_;
    arrow::StringBuilder builder;
    check(builder.AppendValues(list_), Fault::output, path);
    return array_ = take(builder.Finish(), Fault::output, path);
  }

 private:
  std::vector<std::int32_t> codes_;  // by InstrumentId, -1 = not met
  std::unordered_map<std::string, std::int32_t> places_;
  std::vector<std::string> list_;
  std::shared_ptr<arrow::Array> array_;  // of the list
};

/// Memory of one written column, kept from chunk to chunk.
struct Room {
  AlignedVector<std::byte> values;
  AlignedVector<std::uint64_t> validity;
};

class ParquetSink final : public Sink {
 public:
  ParquetSink(const ParquetSinkOptions& options, const Instruments& instruments)
      : options_(options), instruments_(instruments), file_(options.path) {
    if (is_live_row()) options_.columns = {Column::ts_event, Column::price};
    if (options.threads > 1) {
      pool_ = take(arrow::internal::ThreadPool::Make(static_cast<int>(options.threads)), Fault::output, options.path);
    }
  }

  void write(const Chunk& chunk, const FeatureBlock& features) override {
    rows_ = static_cast<std::int64_t>(chunk.rows());
    order_ = options_.order == RowOrder::instrument && !features.order.empty() ? features.order.data() : nullptr;
    arrays_.clear();
    names_.clear();
    next_room_ = 0;
    add_ticks(chunk);
    add_features(features);
    if (!writer_) open();
    if (rows_ == 0) return;
    const auto batch = arrow::RecordBatch::Make(schema_, rows_, arrays_);
    check(writer_->NewBufferedRowGroup(), Fault::output, options_.path);
    check(writer_->WriteRecordBatch(*batch), Fault::output, options_.path);
    file_.write_behind();
  }

  void close(const Provenance& provenance) override {
    if (!writer_) fail(Fault::output, "{}: closed before a chunk, which names its columns, was written", options_.path);
    auto metadata = std::make_shared<arrow::KeyValueMetadata>();
    for (const auto& [key, value] : provenance) metadata->Append(key, value);
    check(writer_->AddKeyValueMetadata(metadata), Fault::output, options_.path);
    check(writer_->Close(), Fault::output, options_.path);
    file_.publish();
  }

 private:
  Room& next_room() {
    if (next_room_ == rooms_.size()) rooms_.push_back(std::make_unique<Room>());
    return *rooms_[next_room_++];
  }

  bool is_live_row() const { return !options_.live_features.empty(); }

  void add_ticks(const Chunk& chunk) {
    bool has_names = false;
    for_each_in_order(chunk, [&](Column column, const auto& values, auto none) {
      if (column > Column::ts_recv && !has_names) {  // the order of `spec/formats.md` 1
        add_names(chunk);
        has_names = true;
      }
      if (column == Column::ts_event && is_live_row()) return add_milliseconds(chunk.ts_event);
      add_tick_column(column, values, none);
    });
    if (!has_names) add_names(chunk);
  }

  void add_milliseconds(const AlignedVector<Nanos>& times) {
    Room& room = next_room();
    const auto count = static_cast<std::size_t>(rows_);
    room.values.resize(count * sizeof(std::int64_t));
    auto* out = reinterpret_cast<std::int64_t*>(room.values.data());
    for (std::size_t i = 0; i < count; ++i) {
      const Nanos time = times[order_ == nullptr ? i : order_[i]];
      out[i] = time / 1'000'000 - (time % 1'000'000 < 0 ? 1 : 0);  // before 1970 too, the millisecond that it lies in
    }
    add("timestamp", arrow::int64(), room, [](std::size_t) { return true; });
  }

  void add_features(const FeatureBlock& features) {
    if (!is_live_row()) {
      for (const FeatureColumn& feature : features.columns) add_feature(feature, features.order);
      return;
    }
    for (const std::string& name : options_.live_features) {
      const auto feature = std::find_if(features.columns.begin(), features.columns.end(),
                                        [&](const FeatureColumn& one) { return one.name == name; });
      assert(feature != features.columns.end());
      add_feature(*feature, features.order);
    }
  }

  /// Canonical order, which is that of `Column`.
  template <class Visit>
  void for_each_in_order(const Chunk& chunk, Visit&& visit) const {
    for (std::size_t i = 0; i < column_count; ++i) {
      if (!options_.columns.has(static_cast<Column>(i))) continue;
      for_each_column(chunk, [&](Column column, const auto& values, auto none) {
        if (static_cast<std::size_t>(column) == i) visit(column, values, none);
      });
    }
  }

  template <class Vector, class None>
  void add_tick_column(Column column, const Vector& values, None none) {
    using Value = typename Vector::value_type;
    Room& room = next_room();
    const auto count = static_cast<std::size_t>(rows_);
    room.values.resize(count * sizeof(Value));
    auto* out = reinterpret_cast<Value*>(room.values.data());
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = values.empty() ? static_cast<Value>(none) : values[order_ == nullptr ? i : order_[i]];
    }
    const bool may_be_null = column != Column::ts_event && column != Column::kind && column != Column::flags;
    add(std::string(info(column).name), arrow_type(column), room, [&](std::size_t i) {
      if constexpr (std::is_floating_point_v<Value>) {
        return !std::isnan(out[i]);
      } else {
        return !may_be_null || out[i] != static_cast<Value>(none);
      }
    });
  }

  void add_feature(const FeatureColumn& feature, const std::vector<std::uint32_t>& order) {
    Room& room = next_room();
    const auto count = static_cast<std::size_t>(rows_);
    const auto place = [&](std::size_t i) { return order_ == nullptr && !order.empty() ? order[i] : i; };
    if (is_integer(feature.type)) {
      room.values.resize(count * sizeof(Nanos));
      auto* out = reinterpret_cast<Nanos*>(room.values.data());
      for (std::size_t i = 0; i < count; ++i) out[place(i)] = feature.integers[i];
      const auto type = feature.type == ValueType::time ? arrow_type(Column::ts_event) : arrow::int64();
      add(feature.name, type, room, [&](std::size_t i) { return out[i] != no_time; });
    } else if (feature.type == ValueType::flag) {
      room.values.resize(count);
      auto* out = reinterpret_cast<std::int8_t*>(room.values.data());
      for (std::size_t i = 0; i < count; ++i) out[place(i)] = feature.flags[i];
      add(feature.name, arrow::int8(), room, [&](std::size_t i) { return out[i] != no_flag; });
    } else if (options_.is_float32) {
      room.values.resize(count * sizeof(float));
      auto* out = reinterpret_cast<float*>(room.values.data());
      for (std::size_t i = 0; i < count; ++i) out[place(i)] = static_cast<float>(feature.values[i]);
      add(feature.name, arrow::float32(), room, [&](std::size_t i) { return !std::isnan(out[i]); });
    } else if (order_ != nullptr || order.empty()) {  // already in the file's order: no copy
      const double* values = feature.values.data();
      add(
          feature.name, arrow::float64(), room, [&](std::size_t i) { return !std::isnan(values[i]); }, values);
    } else {
      room.values.resize(count * sizeof(double));
      auto* out = reinterpret_cast<double*>(room.values.data());
      for (std::size_t i = 0; i < count; ++i) out[place(i)] = feature.values[i];
      add(feature.name, arrow::float64(), room, [&](std::size_t i) { return !std::isnan(out[i]); });
    }
  }

  /// Wraps a column; the buffers stay ours, since the writer encodes before it returns.
  template <class IsValid>
  void add(std::string name, std::shared_ptr<arrow::DataType> type, Room& room, IsValid is_valid,
           const double* values = nullptr) {
    const auto count = static_cast<std::size_t>(rows_);
    room.validity.resize((count + 63) / 64);
    std::size_t valid = 0;
    for (std::size_t word = 0; word < room.validity.size(); ++word) {
      std::uint64_t bits = 0;
      const std::size_t end = std::min(count - word * 64, std::size_t{64});
      for (std::size_t i = 0; i < end; ++i) bits |= static_cast<std::uint64_t>(is_valid(word * 64 + i)) << i;
      room.validity[word] = bits;
      valid += static_cast<std::size_t>(std::popcount(bits));
    }
    const std::int64_t nulls = rows_ - static_cast<std::int64_t>(valid);
    const auto* bytes = values != nullptr ? reinterpret_cast<const std::uint8_t*>(values)
                                          : reinterpret_cast<const std::uint8_t*>(room.values.data());
    auto data = std::make_shared<arrow::Buffer>(bytes, rows_ * type->byte_width());
    auto bitmap = nulls == 0 ? nullptr
                             : std::make_shared<arrow::Buffer>(
                                   reinterpret_cast<const std::uint8_t*>(room.validity.data()), (rows_ + 7) / 8);
    arrays_.push_back(arrow::MakeArray(arrow::ArrayData::Make(type, rows_, {bitmap, data}, nulls)));
    names_.push_back(std::move(name));
  }

  void add_names(const Chunk& chunk) {
    if (!is_live_row()) add_name(chunk, "venue", &Instrument::venue, venues_);
    add_name(chunk, "symbol", &Instrument::symbol, symbols_);
  }

  void add_name(const Chunk& chunk, std::string name, std::string Instrument::*half, Words& words) {
    const auto count = static_cast<std::size_t>(rows_);
    Room& room = next_room();
    room.values.resize(count * sizeof(std::int32_t));
    auto* out = reinterpret_cast<std::int32_t*>(room.values.data());
    for (std::size_t i = 0; i < count; ++i) {
      const InstrumentId id = chunk.instrument[order_ == nullptr ? i : order_[i]];
      if (!words.has(id)) words.add(id, instruments_[id].*half);
      out[i] = words.code(id);
    }
    const auto buffer = std::make_shared<arrow::Buffer>(reinterpret_cast<const std::uint8_t*>(out), rows_ * 4);
    const auto indices = arrow::MakeArray(arrow::ArrayData::Make(arrow::int32(), rows_, {nullptr, buffer}, 0));
    const auto& dictionary = words.array(options_.path);
    arrays_.push_back(take(arrow::DictionaryArray::FromArrays(indices, dictionary), Fault::output, options_.path));
    names_.push_back(std::move(name));
  }

  void open() {
    std::vector<std::shared_ptr<arrow::Field>> fields;
    parquet::WriterProperties::Builder properties;
    properties.memory_pool(arrow_memory());
    properties.version(parquet::ParquetVersion::PARQUET_2_6)
        ->disable_dictionary()
        ->compression(parquet_codec(options_.codec));
    properties.max_row_group_length(16 * 1024 * 1024)->write_batch_size(16 * 1024);
    if (!options_.has_statistics) properties.disable_statistics()->enable_statistics(names_[0]);
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
      const std::string& name = names_[i];
      const bool is_required = name == "ts_event" || name == "timestamp" || name == "kind" || name == "flags" ||
                               name == "venue" || name == "symbol";
      fields.push_back(arrow::field(name, arrays_[i]->type(), !is_required));
      set_encoding(properties, name, *arrays_[i]);
    }
    schema_ = arrow::schema(std::move(fields));
    parquet::ArrowWriterProperties::Builder arrow_properties;
    arrow_properties.store_schema();
    if (pool_) arrow_properties.set_use_threads(true)->set_executor(pool_.get());
    writer_ = take(parquet::arrow::FileWriter::Open(*schema_, arrow_memory(), file_.stream(), properties.build(),
                                                    arrow_properties.build()),
                   Fault::output, options_.path);
  }

  void set_encoding(parquet::WriterProperties::Builder& properties, const std::string& name,
                    const arrow::Array& array) {
    switch (array.type_id()) {
      case arrow::Type::DICTIONARY: properties.enable_dictionary(name); return;
      case arrow::Type::TIMESTAMP:  // what is left of a time by its differences does not shrink further
        properties.compression(name, parquet::Compression::UNCOMPRESSED);
        [[fallthrough]];
      case arrow::Type::INT64:
      case arrow::Type::UINT64: properties.encoding(name, parquet::Encoding::DELTA_BINARY_PACKED); return;
      case arrow::Type::DOUBLE:
      case arrow::Type::FLOAT: break;
      default: return;
    }
    const auto bytes = static_cast<std::size_t>(array.type()->byte_width());
    const ColumnEncoding encoding = choose_encoding(
        {reinterpret_cast<const std::byte*>(array.data()->buffers[1]->data()), bytes * static_cast<std::size_t>(rows_)},
        bytes, options_.codec);
    properties.encoding(name, encoding.is_split ? parquet::Encoding::BYTE_STREAM_SPLIT : parquet::Encoding::PLAIN);
    if (!encoding.is_compressed) properties.compression(name, parquet::Compression::UNCOMPRESSED);
  }

  ParquetSinkOptions options_;
  const Instruments& instruments_;
  PartialFile file_;
  std::shared_ptr<arrow::internal::ThreadPool> pool_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
  std::int64_t rows_ = 0;
  const std::uint32_t* order_ = nullptr;
  std::vector<std::shared_ptr<arrow::Array>> arrays_;
  std::vector<std::string> names_;
  Words venues_, symbols_;
  std::vector<std::unique_ptr<Room>> rooms_;
  std::size_t next_room_ = 0;
};

}  // namespace

std::unique_ptr<Sink> make_parquet_sink(const ParquetSinkOptions& options, const Instruments& instruments) {
  return std::make_unique<ParquetSink>(options, instruments);
}

}  // namespace millrace
