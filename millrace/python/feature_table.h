#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <nanoarrow/nanoarrow.hpp>

#include "millrace/chunk/sink.h"
#include "millrace/graph/plan.h"
#include "millrace/market/instruments.h"

namespace millrace {

/// One column of the table: a fact of the row, or a feature.
struct TableColumn {
  enum class Type : std::uint8_t { time, name, u64, u8, f64, flag, i64 };
  std::string name;
  Type type{};
  bool is_nullable = false;
};

/// Some rows of the table, every column with room for `capacity` of them in one block of memory.
class TableBatch {
 public:
  TableBatch(const std::vector<TableColumn>& columns, std::size_t capacity);

  template <class T>
  T* at(std::size_t column) {
    return reinterpret_cast<T*>(memory_.get() + offsets_[column]);
  }
  const std::uint8_t* bytes(std::size_t column) const {
    return reinterpret_cast<const std::uint8_t*>(memory_.get() + offsets_[column]);
  }

  /// Bits of the rows that have a value, and how many have none. Made when first asked for; the rows do not change
  /// then.
  struct Validity {
    std::vector<std::uint8_t> bits;
    std::int64_t nulls = 0;
  };
  const std::vector<Validity>& validity(const std::vector<TableColumn>& columns);

  std::size_t rows = 0;
  const std::size_t capacity;

 private:
  struct Unmap {
    Unmap() noexcept : bytes(0) {}
    explicit Unmap(std::size_t size) noexcept : bytes(size) {}
    std::size_t bytes;
    void operator()(std::byte* memory) const noexcept;
  };
  std::vector<std::size_t> offsets_;
  std::unique_ptr<std::byte[], Unmap> memory_;
  std::once_flag once_;
  std::vector<Validity> validity_;
};

/// Features of a table in the order of its rows, kept in memory and given away through the Arrow C interfaces as often
/// as wanted.
class FeatureTable {
 public:
  /// `has_names` says which of venue and symbol the rows came with.
  FeatureTable(const Plan& plan, bool has_venue, bool has_symbol);

  /// Adds the rows of a chunk. REQUIRES: `features` was computed from it.
  void append(const Chunk& chunk, const FeatureBlock& features);

  /// Takes the names of the instruments that the rows have so far.
  void name(const Instruments& instruments);

  std::size_t rows() const;
  const std::vector<TableColumn>& columns() const { return columns_; }
  void export_schema(ArrowSchema* out) const;
  void export_stream(ArrowArrayStream* out) const;

 private:
  void append_ticks(const Chunk& chunk, TableBatch& batch) const;
  void fill_batch(const TableBatch& batch, const std::shared_ptr<TableBatch>& owner, ArrowArray* out) const;
  void fill_words(std::size_t column, ArrowArray* out) const;

  std::vector<TableColumn> columns_;
  std::size_t first_feature_ = 0;
  std::vector<std::shared_ptr<TableBatch>> batches_;
  std::vector<std::int32_t> venue_codes_, symbol_codes_;  // by instrument
  std::vector<std::string> venues_, symbols_;             // distinct
};

}  // namespace millrace
