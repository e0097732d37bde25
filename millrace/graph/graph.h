#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "millrace/base/bytes.h"
#include "millrace/base/workers.h"
#include "millrace/chunk/chunk.h"
#include "millrace/chunk/sink.h"
#include "millrace/graph/block.h"
#include "millrace/graph/program.h"

namespace millrace {

/// State blocks by instrument, in slabs so that they never move. Those of many instruments lie in large pages: a block
/// of tens of kilobytes read for a few rows would cost a miss of the address cache for each of its small ones.
class StateBlocks {
 public:
  explicit StateBlocks(const Program& program) : program_(program) {}
  void grow(std::size_t instruments);
  std::byte* operator[](InstrumentId id) const { return slabs_[id / per_slab] + id % per_slab * stride(); }
  std::size_t size() const { return count_; }

 private:
  static constexpr std::size_t per_slab = 16, large_page = std::size_t{2} << 20U;
  struct Free {
    std::align_val_t alignment{64};
    void operator()(std::byte* memory) const noexcept { ::operator delete[](memory, alignment); }
  };
  std::size_t stride() const { return program_.state_bytes; }
  std::byte* new_slab();

  const Program& program_;
  std::vector<std::unique_ptr<std::byte[], Free>> memory_;
  std::vector<std::byte*> slabs_;
  std::byte* end_ = nullptr;  // of the newest memory
  std::size_t left_ = 0;      // bytes before it
  std::size_t count_ = 0;
};

/// A plan with its state: rows in, features out. The same rows give the same bits however they are cut into chunks and
/// however many threads work, and no instrument sees another's rows.
class Graph {
 public:
  explicit Graph(std::shared_ptr<const Plan> plan, std::size_t threads = 1);

  const Plan& plan() const { return *program_.plan; }
  const Program& program() const { return program_; }
  std::size_t state_bytes() const { return program_.state_bytes; }
  std::size_t instruments() const { return states_.size(); }

  /// Computes every feature of every row. Rows of `features` are clustered: instruments in the order of their numbers,
  /// each instrument's rows in their order in the chunk. Allocates only where the chunk or its instruments outgrow
  /// earlier ones.
  void run(const Chunk& chunk, FeatureBlock& features);

  /// The instrument's state in the codec of `snapshot.h`; `next_offset` counts the input rows consumed.
  void snapshot(InstrumentId id, std::string_view key, std::uint64_t next_offset, Bytes& out) const;

  /// Takes a snapshot's state for `id`. Throws Error(Fault::state) with the reason where it is damaged or of another
  /// plan.
  std::uint64_t restore(InstrumentId id, std::string_view key, std::span<const std::byte> snapshot);

  /// Price steps of the venue, for `tick=instrument`; 0 = not known. To be said before the instrument's first row.
  void set_tick_size(InstrumentId id, double tick_size);
  void set_expiry(InstrumentId id, Nanos expiry);

  /// Forgets the instrument's history: its next row is its first.
  void forget(InstrumentId id);

 private:
  bool is_laid_out(const FeatureBlock& features, std::size_t rows) const;
  void lay_out(FeatureBlock& features, std::size_t rows);
  void cluster(const Chunk& chunk, FeatureBlock& features);
  void prefetch(const std::byte* state) const;
  void lay_out_rows(const Chunk& chunk);
  void run_share(const Chunk& chunk, const FeatureBlock& features, std::size_t worker);
  void run_rows(const Chunk& chunk, const std::uint32_t* rows, std::size_t worker);

  Program program_;
  StateBlocks states_;
  Workers workers_;
  std::vector<std::unique_ptr<BlockRunner>> runners_;  // by worker
  std::vector<BlockOutput> outputs_;
  std::size_t laid_out_rows_ = 0;
  ColumnSet read_;                         // by the program
  Chunk clustered_;                        // those columns by instrument; empty of chunks too small for it to pay
  std::vector<std::uint32_t> numbers_;     // 0, 1, 2, …: its rows
  std::vector<std::uint32_t> first_;       // by instrument: its first clustered row; one more at the end
  std::vector<InstrumentFacts> facts_;     // by instrument
  std::vector<InstrumentId> present_;      // instruments with rows in this chunk
  std::vector<std::size_t> share_;         // by worker: its first of `present_`; one more at the end
  mutable AlignedVector<std::byte> copy_;  // for a snapshot
};

}  // namespace millrace
