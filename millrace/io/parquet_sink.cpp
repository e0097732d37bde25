#include "millrace/io/parquet_sink.h"

#include <algorithm>
#include <cassert>
#include <functional>
#include <span>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/type.h>

#include "millrace/io/arrow_result.h"
#include "millrace/io/parquet_writer.h"
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

/// What a column of the file needs of a column of a chunk or block.
template <class Value>
struct Origin {
  std::span<const Value> values;          // empty: none has one
  const std::uint32_t* taken = nullptr;   // by row of the file: which value; nullptr = as they stand
  const std::uint32_t* placed = nullptr;  // or by value: its row in the file
  Value none{};
  bool may_be_null = true;
};

template <class Stored, class Value>
void take_column(const Origin<Value>& from, std::size_t rows, ColumnRows& out) {
  const bool is_in_order = from.taken == nullptr && from.placed == nullptr;
  if (is_in_order && !from.values.empty()) return out.take<Stored, Value>(from.values, from.none, from.may_be_null);
  const std::span<Value> ordered = out.room<Value>(rows);
  if (from.values.empty()) {
    std::fill(ordered.begin(), ordered.end(), from.none);
  } else if (from.taken != nullptr) {
    for (std::size_t i = 0; i < rows; ++i) ordered[i] = from.values[from.taken[i]];
  } else {
    for (std::size_t i = 0; i < rows; ++i) ordered[from.placed[i]] = from.values[i];
  }
  out.take<Stored, Value>(ordered, from.none, from.may_be_null);
}

class ParquetSink final : public Sink {
 public:
  ParquetSink(const ParquetSinkOptions& options, const Instruments& instruments)
      : options_(options),
        instruments_(instruments),
        file_(options.path),
        writer_(file_, {.codec = options.codec, .has_statistics = options.has_statistics, .threads = options.threads}) {
    if (is_live_row()) options_.columns = {Column::ts_event, Column::price};
  }

  void write(const Chunk& chunk, const FeatureBlock& features) override {
    rows_ = chunk.rows();
    order_ = options_.order == RowOrder::instrument && !features.order.empty() ? features.order.data() : nullptr;
    columns_.clear();
    add_ticks(chunk);
    add_features(features);
    writer_.write(std::move(columns_), rows_);
  }

  void close(const Provenance& provenance) override {
    writer_.close(provenance);
    file_.publish();
  }

 private:
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
    add("timestamp", arrow::int64(), [this, &times](ColumnRows& out) {
      const std::span<Nanos> ordered = out.room<Nanos>(rows_);
      for (std::size_t i = 0; i < rows_; ++i) {
        const Nanos time = times[order_ == nullptr ? i : order_[i]];
        ordered[i] = time / 1'000'000 - (time % 1'000'000 < 0 ? 1 : 0);  // before 1970 too, the ms that it lies in
      }
      out.take<Nanos, Nanos>(ordered, no_time, false);
    });
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
    const bool may_be_null = column != Column::ts_event && column != Column::kind && column != Column::flags;
    const Origin<Value> origin{
        .values = values, .taken = order_, .none = static_cast<Value>(none), .may_be_null = may_be_null};
    using Stored = std::conditional_t<(sizeof(Value) < 4), std::int32_t, Value>;
    add(std::string(info(column).name), arrow_type(column),
        [this, origin](ColumnRows& out) { take_column<Stored>(origin, rows_, out); });
  }

  /// A column of a block, which lies in its order: that of a file by instrument.
  template <class Stored, class Value>
  void add_computed(const FeatureColumn& feature, std::shared_ptr<arrow::DataType> type,
                    const AlignedVector<Value>& values, Value none, const std::vector<std::uint32_t>& order) {
    const bool is_moved = order_ == nullptr && !order.empty();
    const Origin<Value> origin{.values = values, .placed = is_moved ? order.data() : nullptr, .none = none};
    add(feature.name, std::move(type), [this, origin](ColumnRows& out) { take_column<Stored>(origin, rows_, out); });
  }

  void add_feature(const FeatureColumn& feature, const std::vector<std::uint32_t>& order) {
    if (is_integer(feature.type)) {
      const auto type = feature.type == ValueType::time ? arrow_type(Column::ts_event) : arrow::int64();
      add_computed<Nanos>(feature, type, feature.integers, no_time, order);
    } else if (feature.type == ValueType::flag) {
      add_computed<std::int32_t>(feature, arrow::int8(), feature.flags, no_flag, order);
    } else if (options_.is_float32) {
      add_computed<float>(feature, arrow::float32(), feature.values, no_value, order);
    } else {
      add_computed<double>(feature, arrow::float64(), feature.values, no_value, order);
    }
  }

  void add(std::string name, std::shared_ptr<arrow::DataType> type, std::function<void(ColumnRows&)> take_rows) {
    const bool is_required = name == "ts_event" || name == "timestamp" || name == "kind" || name == "flags";
    columns_.push_back({std::move(name), std::move(type), is_required, std::move(take_rows)});
  }

  void add_names(const Chunk& chunk) {
    if (!is_live_row()) add_name(chunk, "venue", &Instrument::venue, venues_);
    add_name(chunk, "symbol", &Instrument::symbol, symbols_);
  }

  void add_name(const Chunk& chunk, std::string name, std::string Instrument::*half, Words& words) {
    for (std::size_t i = 0; i < rows_; ++i) {
      const InstrumentId id = chunk.instrument[order_ == nullptr ? i : order_[i]];
      if (!words.has(id)) words.add(id, instruments_[id].*half);
    }
    const auto take_codes = [this, &chunk, &words](ColumnRows& out) {
      const std::span<std::int32_t> codes = out.room<std::int32_t>(rows_);
      for (std::size_t i = 0; i < rows_; ++i)
        codes[i] = words.code(chunk.instrument[order_ == nullptr ? i : order_[i]]);
      out.take<std::int32_t, std::int32_t>(codes, -1, false);
    };
    columns_.push_back({.name = std::move(name),
                        .type = arrow::dictionary(arrow::int32(), arrow::utf8()),
                        .is_required = true,
                        .take = take_codes,
                        .dictionary = words.array(options_.path).get()});
  }

  ParquetSinkOptions options_;
  const Instruments& instruments_;
  PartialFile file_;
  ParquetWriter writer_;
  std::size_t rows_ = 0;
  const std::uint32_t* order_ = nullptr;  // by row of the file: its row in the chunk; nullptr = the same
  std::vector<FileColumn> columns_;
  Words venues_, symbols_;
};

}  // namespace

std::unique_ptr<Sink> make_parquet_sink(const ParquetSinkOptions& options, const Instruments& instruments) {
  return std::make_unique<ParquetSink>(options, instruments);
}

}  // namespace millrace
