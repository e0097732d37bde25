#include "millrace/python/feature_table.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <new>
#include <unordered_map>

#include <sys/mman.h>

#include "millrace/base/error.h"

namespace millrace {

namespace {

using Type = TableColumn::Type;

constexpr std::size_t page = std::size_t{2} << 20U;  // what the system gives at once where it can

std::size_t width_of(Type type) {
  switch (type) {
    case Type::u8:
    case Type::flag: return 1;
    case Type::name: return 4;
    default: return 8;
  }
}

ArrowType arrow_type(Type type) {
  switch (type) {
    case Type::time: return NANOARROW_TYPE_INT64;
    case Type::name: return NANOARROW_TYPE_INT32;
    case Type::u64: return NANOARROW_TYPE_UINT64;
    case Type::u8: return NANOARROW_TYPE_UINT8;
    case Type::flag: return NANOARROW_TYPE_INT8;
    case Type::i64: return NANOARROW_TYPE_INT64;
    case Type::f64: break;
  }
  return NANOARROW_TYPE_DOUBLE;
}

Type column_type(ValueType type) {
  switch (type) {
    case ValueType::flag: return Type::flag;
    case ValueType::time: return Type::time;
    case ValueType::span:
    case ValueType::id: return Type::i64;
    case ValueType::number: break;
  }
  return Type::f64;
}

void check(ArrowErrorCode code) {
  if (code == NANOARROW_OK) return;
  if (code == ENOMEM) throw std::bad_alloc();
  fail(Fault::output, "features: Arrow refused a column ({})", code);
}

template <class T, class IsNull>
TableBatch::Validity bits_of(const T* values, std::size_t rows, IsNull is_null) {
  TableBatch::Validity validity{std::vector<std::uint8_t>((rows + 7) / 8), static_cast<std::int64_t>(rows)};
  for (std::size_t byte = 0; byte < validity.bits.size(); ++byte) {
    unsigned bits = 0;
    const std::size_t end = std::min(rows - byte * 8, std::size_t{8});
    for (std::size_t i = 0; i < end; ++i) bits |= (is_null(values[byte * 8 + i]) ? 0U : 1U) << i;
    validity.bits[byte] = static_cast<std::uint8_t>(bits);
    validity.nulls -= std::popcount(bits);
  }
  return validity;
}

template <class T>
void put(T* to, const T* from, const FeatureBlock& features, bool is_in_order) {
  const std::size_t rows = features.order.size();
  if (is_in_order) {
    std::copy_n(from, rows, to);
  } else {
    for (std::size_t i = 0; i < rows; ++i) to[features.order[i]] = from[i];
  }
}

}  // namespace

void TableBatch::Unmap::operator()(std::byte* memory) const noexcept { ::munmap(memory, bytes); }

TableBatch::TableBatch(const std::vector<TableColumn>& columns, std::size_t room) : capacity(room) {
  std::size_t bytes = 0;
  for (const TableColumn& column : columns) {
    offsets_.push_back(bytes);
    bytes += (room * width_of(column.type) + 63) / 64 * 64;
  }
  const std::size_t whole = std::max<std::size_t>((bytes + 4095) / 4096 * 4096, 4096);
  void* memory = ::mmap(nullptr, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  if (whole >= 2 * page)
    ::madvise(memory, whole, MADV_HUGEPAGE);  // a wish: a fault for each 4 KiB costs as much as a feature
  memory_ = {static_cast<std::byte*>(memory), Unmap{whole}};
}

const std::vector<TableBatch::Validity>& TableBatch::validity(const std::vector<TableColumn>& columns) {
  std::call_once(once_, [&] {
    validity_.resize(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (!columns[i].is_nullable) continue;
      switch (columns[i].type) {
        case Type::f64: validity_[i] = bits_of(at<double>(i), rows, [](double x) { return std::isnan(x); }); break;
        case Type::flag: validity_[i] = bits_of(at<std::int8_t>(i), rows, [](auto x) { return x == no_flag; }); break;
        case Type::i64:
        case Type::time: validity_[i] = bits_of(at<Nanos>(i), rows, [](Nanos x) { return x == no_time; }); break;
        default: validity_[i] = bits_of(at<std::uint64_t>(i), rows, [](auto x) { return x == no_u64; }); break;
      }
    }
  });
  return validity_;
}

FeatureTable::FeatureTable(const Plan& plan, bool has_venue, bool has_symbol) {
  columns_ = {{"ts_event", Type::time, false}, {"ts_recv", Type::time, true}};
  if (has_venue) columns_.push_back({"venue", Type::name, false});
  if (has_symbol) columns_.push_back({"symbol", Type::name, false});
  columns_.push_back({"seq", Type::u64, true});
  columns_.push_back({"kind", Type::u8, false});
  columns_.push_back({"price", Type::f64, true});
  first_feature_ = columns_.size();
  for (const PlannedFeature& feature : plan.features) {
    columns_.push_back({feature.name, column_type(feature.type), true});
  }
}

void FeatureTable::append(const Chunk& chunk, const FeatureBlock& features) {
  const std::size_t rows = chunk.rows();
  if (rows == 0) return;
  if (batches_.empty() || batches_.back()->rows + rows > batches_.back()->capacity) {
    const std::size_t room = batches_.empty() ? rows : std::max(rows, default_chunk_rows);
    batches_.push_back(std::make_shared<TableBatch>(columns_, room));
  }
  TableBatch& batch = *batches_.back();
  append_ticks(chunk, batch);
  const bool is_in_order = std::is_sorted(features.order.begin(), features.order.end());
  for (std::size_t i = 0; i < features.columns.size(); ++i) {
    const FeatureColumn& feature = features.columns[i];
    const std::size_t at = first_feature_ + i;
    if (is_integer(feature.type)) {
      put(batch.at<Nanos>(at) + batch.rows, feature.integers.data(), features, is_in_order);
    } else if (feature.type == ValueType::flag) {
      put(batch.at<std::int8_t>(at) + batch.rows, feature.flags.data(), features, is_in_order);
    } else {
      put(batch.at<double>(at) + batch.rows, feature.values.data(), features, is_in_order);
    }
  }
  batch.rows += rows;
}

void FeatureTable::append_ticks(const Chunk& chunk, TableBatch& batch) const {
  const std::size_t rows = chunk.rows();
  for (std::size_t i = 0; i < first_feature_; ++i) {
    const std::string& name = columns_[i].name;
    switch (columns_[i].type) {
      case Type::time:
        std::copy_n((name == "ts_event" ? chunk.ts_event : chunk.ts_recv).data(), rows,
                    batch.at<Nanos>(i) + batch.rows);
        break;
      case Type::name:  // the instrument; its word is looked up when the rows are given away
        std::copy_n(chunk.instrument.data(), rows, batch.at<InstrumentId>(i) + batch.rows);
        break;
      case Type::u64: std::copy_n(chunk.seq.data(), rows, batch.at<std::uint64_t>(i) + batch.rows); break;
      case Type::u8: std::copy_n(chunk.kind.data(), rows, batch.at<std::uint8_t>(i) + batch.rows); break;
      default: std::copy_n(chunk.f64(Column::price), rows, batch.at<double>(i) + batch.rows); break;
    }
  }
}

void FeatureTable::name(const Instruments& instruments) {
  std::unordered_map<std::string, std::int32_t> known_venues, known_symbols;
  const auto add = [](const std::string& word, auto& known, auto& words, auto& codes) {
    const auto [at, is_new] = known.try_emplace(word, static_cast<std::int32_t>(words.size()));
    if (is_new) words.push_back(word);
    codes.push_back(at->second);
  };
  for (InstrumentId id = 0; id < instruments.size(); ++id) {
    add(instruments[id].venue, known_venues, venues_, venue_codes_);
    add(instruments[id].symbol, known_symbols, symbols_, symbol_codes_);
  }
  for (std::size_t i = 0; i < first_feature_; ++i) {
    if (columns_[i].type != Type::name) continue;
    const auto& codes = columns_[i].name == "venue" ? venue_codes_ : symbol_codes_;
    for (const auto& batch : batches_) {
      auto* ids = batch->at<InstrumentId>(i);
      for (std::size_t row = 0; row < batch->rows; ++row) ids[row] = static_cast<InstrumentId>(codes[ids[row]]);
    }
  }
}

std::size_t FeatureTable::rows() const {
  std::size_t sum = 0;
  for (const auto& batch : batches_) sum += batch->rows;
  return sum;
}

void FeatureTable::export_schema(ArrowSchema* out) const {
  nanoarrow::UniqueSchema schema;
  ArrowSchemaInit(schema.get());
  check(ArrowSchemaSetTypeStruct(schema.get(), static_cast<std::int64_t>(columns_.size())));
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const TableColumn& column = columns_[i];
    ArrowSchema* child = schema->children[i];
    if (column.type == Type::time) {
      check(ArrowSchemaSetTypeDateTime(child, NANOARROW_TYPE_TIMESTAMP, NANOARROW_TIME_UNIT_NANO, "UTC"));
    } else {
      check(ArrowSchemaSetType(child, arrow_type(column.type)));
    }
    if (column.type == Type::name) {
      check(ArrowSchemaAllocateDictionary(child));
      ArrowSchemaInit(child->dictionary);
      check(ArrowSchemaSetType(child->dictionary, NANOARROW_TYPE_STRING));
    }
    check(ArrowSchemaSetName(child, column.name.c_str()));
    if (!column.is_nullable) child->flags &= ~ARROW_FLAG_NULLABLE;
  }
  ArrowSchemaMove(schema.get(), out);
}

void FeatureTable::fill_words(std::size_t column, ArrowArray* out) const {
  check(ArrowArrayInitFromType(out, NANOARROW_TYPE_STRING));
  check(ArrowArrayStartAppending(out));
  for (const std::string& word : columns_[column].name == "venue" ? venues_ : symbols_) {
    check(ArrowArrayAppendString(out, {word.data(), static_cast<std::int64_t>(word.size())}));
  }
}

void FeatureTable::fill_batch(const TableBatch& batch, const std::shared_ptr<TableBatch>& owner,
                              ArrowArray* out) const {
  const auto& validity = owner->validity(columns_);
  check(ArrowArrayInitFromType(out, NANOARROW_TYPE_STRUCT));
  check(ArrowArrayAllocateChildren(out, static_cast<std::int64_t>(columns_.size())));
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    ArrowArray* child = out->children[i];
    check(ArrowArrayInitFromType(child, arrow_type(columns_[i].type)));
    const auto wrap = [&](std::int64_t buffer, const std::uint8_t* bytes, std::size_t size) {
      nanoarrow::BufferInitWrapped(ArrowArrayBuffer(child, buffer), owner, bytes, static_cast<std::int64_t>(size));
    };
    wrap(1, batch.bytes(i), batch.rows * width_of(columns_[i].type));
    if (validity[i].nulls > 0) wrap(0, validity[i].bits.data(), validity[i].bits.size());
    child->length = static_cast<std::int64_t>(batch.rows);
    child->null_count = validity[i].nulls;
    if (columns_[i].type != Type::name) continue;
    check(ArrowArrayAllocateDictionary(child));
    fill_words(i, child->dictionary);
  }
  out->length = static_cast<std::int64_t>(batch.rows);
  out->null_count = 0;
  ArrowError problem;
  if (ArrowArrayFinishBuildingDefault(out, &problem) != NANOARROW_OK) {
    fail(Fault::output, "features: {}", ArrowErrorMessage(&problem));
  }
}

void FeatureTable::export_stream(ArrowArrayStream* out) const {
  nanoarrow::UniqueSchema schema;
  export_schema(schema.get());
  std::vector<nanoarrow::UniqueArray> arrays(batches_.size());
  for (std::size_t i = 0; i < batches_.size(); ++i) fill_batch(*batches_[i], batches_[i], arrays[i].get());
  nanoarrow::VectorArrayStream(schema.get(), std::move(arrays)).ToArrayStream(out);
}

}  // namespace millrace
