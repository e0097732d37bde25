#include "millrace/io/parquet_page.h"

#include <algorithm>
#include <cstring>

#include <arrow/array.h>
#include <parquet/encoding.h>
#include <parquet/exception.h>

#include "millrace/io/arrow_codec.h"
#include "millrace/io/arrow_memory.h"

namespace millrace {

namespace {

constexpr std::size_t bits = 64;

void put_varint(std::size_t value, std::vector<std::byte>& out) {
  for (; value >= 0x80; value >>= 7U) out.push_back(static_cast<std::byte>(value | 0x80U));
  out.push_back(static_cast<std::byte>(value));
}

template <class Type>
std::shared_ptr<arrow::Buffer> encode_numbers(const PageOptions& options, const ColumnRows& rows,
                                              parquet::Encoding::type encoding) {
  const auto encoder = parquet::MakeTypedEncoder<Type>(encoding, false, options.column, arrow_memory());
  encoder->Put(reinterpret_cast<const typename Type::c_type*>(rows.values().data()), static_cast<int>(rows.valid()));
  return encoder->FlushValues();
}

template <class Type>
void tell_statistics(const PageOptions& options, const ColumnRows& rows, EncodedColumn& out) {
  const auto statistics = parquet::MakeStatistics<Type>(options.column, arrow_memory());
  statistics->Update(reinterpret_cast<const typename Type::c_type*>(rows.values().data()),
                     static_cast<std::int64_t>(rows.valid()), static_cast<std::int64_t>(rows.rows() - rows.valid()));
  out.statistics = statistics->Encode();
}

/// Of the words that the rows have; a dictionary may have more.
void tell_statistics_of_words(const PageOptions& options, const ColumnRows& rows, const arrow::StringArray& words,
                              EncodedColumn& out) {
  const auto* codes = reinterpret_cast<const std::int32_t*>(rows.values().data());
  std::vector<bool> is_used(static_cast<std::size_t>(words.length()));
  for (std::size_t i = 0; i < rows.valid(); ++i) is_used[static_cast<std::size_t>(codes[i])] = true;
  std::vector<parquet::ByteArray> used;
  for (std::int64_t i = 0; i < words.length(); ++i) {
    if (is_used[static_cast<std::size_t>(i)]) used.emplace_back(words.GetView(i));
  }
  const auto statistics = parquet::MakeStatistics<parquet::ByteArrayType>(options.column, arrow_memory());
  statistics->Update(used.data(), static_cast<std::int64_t>(used.size()), 0);
  out.statistics = statistics->Encode();
}

void tell_statistics(const PageOptions& options, const ColumnRows& rows, const arrow::Array* dictionary,
                     EncodedColumn& out) {
  if (dictionary != nullptr) {
    return tell_statistics_of_words(options, rows, static_cast<const arrow::StringArray&>(*dictionary), out);
  }
  switch (options.column->physical_type()) {
    case parquet::Type::INT32: return tell_statistics<parquet::Int32Type>(options, rows, out);
    case parquet::Type::INT64: return tell_statistics<parquet::Int64Type>(options, rows, out);
    case parquet::Type::FLOAT: return tell_statistics<parquet::FloatType>(options, rows, out);
    default: return tell_statistics<parquet::DoubleType>(options, rows, out);
  }
}

/// The numbers of words, each in as many bits as the dictionary needs, and the dictionary.
std::shared_ptr<arrow::Buffer> encode_words(const PageOptions& options, const ColumnRows& rows,
                                            const arrow::Array& dictionary, EncodedColumn& out) {
  const auto base =
      parquet::MakeEncoder(parquet::Type::BYTE_ARRAY, parquet::Encoding::PLAIN, true, options.column, arrow_memory());
  auto& encoder = dynamic_cast<parquet::DictEncoder<parquet::ByteArrayType>&>(*base);
  encoder.PutDictionary(dictionary);
  const auto codes = std::make_shared<arrow::Buffer>(reinterpret_cast<const std::uint8_t*>(rows.values().data()),
                                                     static_cast<std::int64_t>(rows.values().size()));
  encoder.PutIndices(arrow::Int32Array(static_cast<std::int64_t>(rows.valid()), codes));
  out.dictionary.resize(static_cast<std::size_t>(encoder.dict_encoded_size()));
  encoder.WriteDict(reinterpret_cast<std::uint8_t*>(out.dictionary.data()));
  out.words = encoder.num_entries();
  return encoder.FlushValues();
}

}  // namespace

PageEncoder::PageEncoder(Codec codec) {
  auto made = arrow::util::Codec::Create(arrow_codec(codec));
  if (!made.ok()) throw parquet::ParquetStatusException(made.status());
  compressor_ = std::move(made).ValueUnsafe();
}

void PageEncoder::encode(const PageOptions& options, const ColumnRows& rows, const arrow::Array* dictionary,
                         EncodedColumn& out) {
  using parquet::Encoding;
  out.statistics.reset();
  out.dictionary.clear();
  levels_.clear();
  if (options.column->max_definition_level() > 0) encode_levels(rows);
  if (options.has_statistics) tell_statistics(options, rows, dictionary, out);
  std::shared_ptr<arrow::Buffer> made;
  std::span<const std::byte> values = rows.values();
  const parquet::Type::type type = options.column->physical_type();
  if (dictionary != nullptr) {
    out.encoding = Encoding::RLE_DICTIONARY;
    made = encode_words(options, rows, *dictionary, out);
  } else if (type == parquet::Type::INT64) {
    out.encoding = Encoding::DELTA_BINARY_PACKED;
    made = encode_numbers<parquet::Int64Type>(options, rows, out.encoding);
  } else if (options.encoding.is_split) {
    out.encoding = Encoding::BYTE_STREAM_SPLIT;
    made = type == parquet::Type::FLOAT ? encode_numbers<parquet::FloatType>(options, rows, out.encoding)
                                        : encode_numbers<parquet::DoubleType>(options, rows, out.encoding);
  } else {
    out.encoding = Encoding::PLAIN;
  }
  if (made != nullptr) {
    values = {reinterpret_cast<const std::byte*>(made->data()), static_cast<std::size_t>(made->size())};
  }
  pack(options, rows, values, out);
}

/// Runs of rows that are all null or all not, and between them a bit for each row.
void PageEncoder::encode_levels(const ColumnRows& rows) {
  constexpr std::size_t most_words = 7;  // in a run of bits, so that its length is one byte, as other writers have it
  const std::span<const std::uint64_t> words = rows.validity();
  const auto bits_of = [&](std::size_t word) { return std::min(bits, rows.rows() - word * bits); };
  const auto is_even = [&](std::size_t word) {
    return words[word] == 0 || words[word] == ~std::uint64_t{0} >> (bits - bits_of(word));
  };
  levels_.resize(4);
  for (std::size_t first = 0, next = 0; first < words.size(); first = next) {
    next = first + 1;
    if (is_even(first)) {
      const bool is_valid = words[first] != 0;
      while (next < words.size() && is_even(next) && (words[next] != 0) == is_valid) ++next;
      put_varint((next - 1 - first) * bits * 2 + bits_of(next - 1) * 2, levels_);
      levels_.push_back(static_cast<std::byte>(is_valid));
      continue;
    }
    while (next < words.size() && next - first < most_words && !is_even(next)) ++next;
    const std::size_t bytes = (next - 1 - first) * 8 + (bits_of(next - 1) + 7) / 8;
    put_varint(bytes << 1U | 1U, levels_);
    const auto* from = reinterpret_cast<const std::byte*>(words.data() + first);
    levels_.insert(levels_.end(), from, from + bytes);
  }
  const auto length = static_cast<std::uint32_t>(levels_.size() - 4);
  std::memcpy(levels_.data(), &length, 4);
}

void PageEncoder::pack(const PageOptions& options, const ColumnRows& rows, std::span<const std::byte> values,
                       EncodedColumn& out) {
  const std::size_t bytes = levels_.size() + values.size();
  out.unpacked = static_cast<std::int64_t>(bytes);
  const auto join = [&](AlignedVector<std::byte>& to) {
    to.resize(std::max(to.size(), bytes));
    if (!levels_.empty()) std::memcpy(to.data(), levels_.data(), levels_.size());
    if (!values.empty()) std::memcpy(to.data() + levels_.size(), values.data(), values.size());
  };
  if (!options.encoding.is_compressed) {
    join(out.page);
    out.bytes = bytes;
    return;
  }
  if (options.encoding.has_repeats) {
    repeats_.look(rows.values().data(), rows.valid(), rows.value_bytes());
    if (3 * repeats_.estimate() <= 2 * values.size()) {  // else more has changed than in the sample
      out.page.resize(std::max(out.page.size(), repeats_.most_bytes(levels_.size())));
      out.bytes = repeats_.write(levels_, out.page.data());
      return;
    }
  }
  join(plain_);
  const auto* from = reinterpret_cast<const std::uint8_t*>(plain_.data());
  const std::int64_t most = compressor_->MaxCompressedLen(out.unpacked, from);
  out.page.resize(std::max(out.page.size(), static_cast<std::size_t>(most)));
  const auto size = compressor_->Compress(out.unpacked, from, most, reinterpret_cast<std::uint8_t*>(out.page.data()));
  if (!size.ok()) throw parquet::ParquetStatusException(size.status());
  out.bytes = static_cast<std::size_t>(*size);
}

}  // namespace millrace
