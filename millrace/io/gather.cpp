#include "millrace/io/gather.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include <arrow/array.h>
#include <arrow/array/builder_base.h>
#include <arrow/array/util.h>
#include <arrow/buffer.h>
#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "millrace/io/arrow_memory.h"
#include "millrace/io/arrow_result.h"

namespace millrace {

namespace {

std::shared_ptr<arrow::Buffer> room(std::int64_t bytes) {
  return take(arrow::AllocateBuffer(bytes, arrow_memory()), Fault::output, "asof");
}

/// Bits of is_valid(i), and how many are not set.
template <class IsValid>
std::pair<std::shared_ptr<arrow::Buffer>, std::int64_t> bitmap(std::size_t count, IsValid is_valid) {
  const std::size_t words = (count + 63) / 64;
  auto buffer = room(static_cast<std::int64_t>(words * 8));
  auto* out = reinterpret_cast<std::uint64_t*>(buffer->mutable_data());
  std::size_t valid = 0;
  for (std::size_t word = 0; word < words; ++word) {
    std::uint64_t bits = 0;
    const std::size_t end = std::min(count - word * 64, std::size_t{64});
    for (std::size_t i = 0; i < end; ++i) bits |= static_cast<std::uint64_t>(is_valid(word * 64 + i)) << i;
    out[word] = bits;
    valid += static_cast<std::size_t>(std::popcount(bits));
  }
  return {std::move(buffer), static_cast<std::int64_t>(count - valid)};
}

template <class T>
void copy_rows(std::span<const std::int64_t> rows, const T* values, T* out) {
  // A null takes some value too: to write it costs less than to branch.
  for (std::size_t i = 0; i < rows.size(); ++i) out[i] = values[rows[i] < 0 ? 0 : rows[i]];
}

}  // namespace

Gather::Gather(std::span<const std::int64_t> rows) : rows_(rows) {
  std::tie(valid_, nulls_) = bitmap(rows.size(), [&](std::size_t i) { return rows[i] >= 0; });
  if (nulls_ == 0) valid_.reset();
}

std::pair<std::shared_ptr<arrow::Buffer>, std::int64_t> Gather::validity(const arrow::Array& values) const {
  if (values.null_count() == 0) return {valid_, nulls_};
  return bitmap(rows_.size(), [&](std::size_t i) { return rows_[i] >= 0 && values.IsValid(rows_[i]); });
}

std::shared_ptr<arrow::Array> Gather::fixed(const arrow::Array& values, int bytes) const {
  const auto count = static_cast<std::int64_t>(rows_.size());
  auto buffer = room(count * bytes);
  const auto as = [&]<class T>(T) {
    const auto* from = reinterpret_cast<const T*>(values.data()->buffers[1]->data()) + values.offset();
    copy_rows(rows_, from, reinterpret_cast<T*>(buffer->mutable_data()));
  };
  switch (bytes) {
    case 1: as(std::uint8_t{}); break;
    case 2: as(std::uint16_t{}); break;
    case 4: as(std::uint32_t{}); break;
    case 8: as(std::uint64_t{}); break;
    default: as(std::array<std::uint64_t, 2>{}); break;
  }
  auto [valid, nulls] = validity(values);
  auto data = arrow::ArrayData::Make(values.type(), count, {valid, std::move(buffer)}, nulls);
  data->dictionary = values.data()->dictionary;
  return arrow::MakeArray(data);
}

std::shared_ptr<arrow::Array> Gather::bits(const arrow::Array& values) const {
  const auto& flags = static_cast<const arrow::BooleanArray&>(values);
  auto set = bitmap(rows_.size(), [&](std::size_t i) { return rows_[i] >= 0 && flags.Value(rows_[i]); }).first;
  auto [valid, nulls] = validity(values);
  const auto count = static_cast<std::int64_t>(rows_.size());
  return arrow::MakeArray(arrow::ArrayData::Make(values.type(), count, {valid, std::move(set)}, nulls));
}

/// Types of no fixed width, through the builder of the type.
std::shared_ptr<arrow::Array> Gather::any(const arrow::Array& values) const {
  const auto builder = take(arrow::MakeBuilder(values.type(), arrow_memory()), Fault::output, "asof");
  check(builder->Reserve(static_cast<std::int64_t>(rows_.size())), Fault::output, "asof");
  const arrow::ArraySpan span(*values.data());
  for (const std::int64_t row : rows_) {
    check(row < 0 ? builder->AppendNull() : builder->AppendArraySlice(span, row, 1), Fault::output, "asof");
  }
  return take(builder->Finish(), Fault::output, "asof");
}

std::shared_ptr<arrow::Array> Gather::column(const std::shared_ptr<arrow::Array>& values) const {
  const auto count = static_cast<std::int64_t>(rows_.size());
  if (values->length() == 0) {
    auto nulls = take(arrow::MakeArrayOfNull(values->type(), count, arrow_memory()), Fault::output, "asof");
    if (values->type_id() != arrow::Type::DICTIONARY) return nulls;
    nulls->data()->dictionary = values->data()->dictionary;
    return arrow::MakeArray(nulls->data());
  }
  if (values->type_id() == arrow::Type::BOOL) return bits(*values);
  const arrow::DataType& type = values->type_id() == arrow::Type::DICTIONARY
                                    ? *static_cast<const arrow::DictionaryType&>(*values->type()).index_type()
                                    : *values->type();
  const int bits = type.bit_width();
  const bool is_plain =
      type.layout().buffers.size() == 2 && (bits == 8 || bits == 16 || bits == 32 || bits == 64 || bits == 128);
  return is_plain ? fixed(*values, bits / 8) : any(*values);
}

std::shared_ptr<arrow::RecordBatch> gather_rows(const arrow::RecordBatch& batch, std::span<const std::int64_t> rows) {
  const Gather gather(rows);
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (const auto& column : batch.columns()) columns.push_back(gather.column(column));
  return arrow::RecordBatch::Make(batch.schema(), static_cast<std::int64_t>(rows.size()), std::move(columns));
}

}  // namespace millrace
