#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "millrace/base/aligned.h"
#include "millrace/chunk/chunk.h"
#include "millrace/graph/program.h"

namespace millrace {

/// Where the values of a feature go. One of the two is set.
struct BlockOutput {
  double* values = nullptr;
  std::int8_t* flags = nullptr;
};

/// Runs a program on up to `block_rows` rows of one instrument. Owns the working memory; one per thread.
class BlockRunner {
 public:
  explicit BlockRunner(const Program& program);

  /// The columns of the blocks to come, by feature. They hold at least the rows that `run` is told to write.
  void write_to(const std::vector<BlockOutput>& outputs);

  /// `rows` are the chunk's row numbers in ascending order, `state` the instrument's block; the first goes to
  /// `output_row`.
  void run(const Chunk& chunk, const std::uint32_t* rows, std::size_t count, std::byte* state, std::size_t output_row);

 private:
  /// The rows of one base within the block.
  struct Base {
    std::size_t count = 0;
    bool is_full = false;                         // all rows of the block
    std::array<std::uint16_t, block_rows> row;    // by observation
    std::array<std::int16_t, block_rows> latest;  // by row: the last observation up to it, −1 = before the block
  };
  struct Packed {
    std::size_t rows = 0;
    bool is_whole = false;  // every row of the base is an observation
    std::uint64_t count = 0;
    std::array<const double*, largest_inputs> in{};
    std::array<std::uint16_t, block_rows> where;  // by observation: its place on the base
    std::array<Nanos, block_rows> clock;
    AlignedVector<double> memory;  // inputs without a history, packed
  };

  void bind(std::size_t output_row);
  void tell_time(const Chunk& chunk, std::byte* state);
  void find_bases(const Chunk& chunk);
  void step(const Step& step, const Chunk& chunk, std::byte* state);
  void load(const Step& step, const Chunk& chunk);
  void operation(const Step& step);
  void time_of_day(const Step& step, const Chunk& chunk);
  void spread(const Step& step, std::byte* state);
  void gather(const Step& step);
  void pack(const Packing& packing, Packed& packed, std::byte* state);
  void watch(const Watch& watch, std::uint8_t* seen) const;
  void point_at_operands(const Step& step);
  void plain(const Step& step);
  void dense(const Step& step, std::byte* state);
  void by_row(const Step& step, std::byte* state);
  void reset_dense(const Step& step, std::byte* state);
  void reset_by_row(const Step& step, std::byte* state);
  void emit(std::size_t output_row) const;

  const Program& program_;
  const std::uint32_t* rows_ = nullptr;
  std::size_t count_ = 0;
  AlignedVector<double> memory_;
  std::vector<double*> own_;  // by slot: its place in the working memory
  std::vector<double*> at_;   // by slot: that, or the output column it is written to directly
  /// Features whose slot is the output column itself, and those that are copied or made into flags.
  std::vector<std::uint32_t> bound_, copied_;
  std::vector<BlockOutput> outputs_;
  std::size_t bound_row_ = SIZE_MAX;  // the row that `bound_` slots point at
  std::vector<Base> bases_;
  std::vector<Packed> packed_;
  std::vector<std::array<std::uint8_t, block_rows>> seen_;
  std::array<std::uint8_t, block_rows> kind_{};
  std::array<Nanos, block_rows> clock_{};
  std::array<Nanos, block_rows> event_{}, received_{};  // where a kernel needs the row's own times
  Nanos first_ = no_time;
  std::array<const double*, largest_inputs> operands_{};
  AlignedVector<double> spare_;  // outputs of a packed kernel before they are put in their places
};

}  // namespace millrace
