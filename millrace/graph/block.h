#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "millrace/base/aligned.h"
#include "millrace/chunk/chunk.h"
#include "millrace/graph/program.h"
#include "millrace/kernels/emissions.h"
#include "millrace/market/instruments.h"

namespace millrace {

/// Where the values of a feature go. One of the three is set.
struct BlockOutput {
  double* values = nullptr;
  std::int8_t* flags = nullptr;
  Nanos* integers = nullptr;
};

inline constexpr std::size_t slot_lead = 8;  // doubles before each column: its value before the block, and alignment

/// One value is what a live tick copies; a call would cost more than the copy.
inline void copy_values(const double* from, std::size_t count, double* to) {
  if (count == 1) {
    *to = *from;
  } else {
    std::memcpy(to, from, count * sizeof(double));
  }
}

/// Runs a program on up to `block_rows` rows of one instrument. Owns the working memory; one per thread.
class BlockRunner {
 public:
  explicit BlockRunner(const Program& program);

  /// The columns of the blocks to come, by feature. They hold at least the rows that `run` is told to write.
  void write_to(const std::vector<BlockOutput>& outputs);

  /// `rows` are the chunk's row numbers in ascending order, `state` the instrument's block; the first goes to
  /// `output_row`. `facts` are the instrument's; with several legs those of each, and `legs` says by row which of them
  /// its instrument is.
  void run(const Chunk& chunk, const std::uint32_t* rows, std::size_t count, std::byte* state, std::size_t output_row,
           const InstrumentFacts* facts, const LegSet* legs = nullptr);

 private:
  /// The rows of one base within the block. With bars a row may stand in it several times, and the base may be longer
  /// than the block.
  struct Base {
    std::size_t count = 0;
    bool is_full = false;                              // the rows of the block, each once
    std::vector<std::uint16_t> row;                    // by observation
    std::array<std::int32_t, block_rows> latest;       // by row: the last observation up to it, −1 = before the block
    bool is_spread = false;                            // repeated on other rows, and without bars
    std::array<std::uint8_t, block_rows / 4> repeats;  // of such: how four rows share their observations, a bit each
    std::vector<std::uint8_t> closes;                  // of bases with bars: whether the row closes one
    std::vector<Nanos> clock, event, received;         // of bases that kernels watch row by row, but the first
  };
  struct Packed {
    std::size_t rows = 0;
    bool is_whole = false;  // every row of the base is an observation
    std::uint64_t count = 0;
    std::array<const double*, largest_inputs> in{};
    std::vector<std::uint32_t> where;  // by observation: its place on the base
    std::vector<Nanos> clock;
    AlignedVector<double> memory;  // inputs without a history, packed
    AlignedVector<double> wide;    // histories and behind them the observations
  };
  /// Times of the rows of a base.
  struct Times {
    const Nanos *clock, *event, *received;
  };

  void bind(std::size_t output_row);
  void tell_kinds(const Chunk& chunk, const LegSet* legs);
  void tell_time(const Chunk& chunk, const LegSet* legs, std::byte* state);
  void tell_times_of_legs(const Chunk& chunk, const LegSet* legs, std::byte* state);
  void give_times(std::uint32_t base);
  void find_bases();
  void find_repeats(Base& base) const;
  void step(const Step& step, const Chunk& chunk, std::byte* state);
  void load(const Step& step, const Chunk& chunk);
  void operation(const Step& step);
  void time_of_day(const Step& step, const Chunk& chunk);
  void closes(const Step& step);
  void spread(const Step& step, std::byte* state);
  void gather(const Step& step);
  void pack(const Packing& packing, Packed& packed, std::byte* state);
  const double* place_behind(const Packing& packing, std::size_t input, const double* in, Packed& packed,
                             std::byte* state);
  static void make_room(const Packing& packing, Packed& packed, std::size_t rows);
  /// What kernels that go row by row are told of a watch.
  struct Watched {
    std::vector<std::uint8_t> seen;                // by row of its base
    std::vector<std::vector<std::uint8_t>> fresh;  // by input
    std::vector<const std::uint8_t*> pointers;
    std::vector<Nanos> firsts;
  };
  void look(const Watch& watch, Watched& watched) const;
  void mark_seen(const Base& base, Rows observed, std::vector<std::uint8_t>& seen) const;
  void point_at_operands(const Step& step);
  void plain(const Step& step);
  void dense(const Step& step, std::byte* state);
  void by_row(const Step& step, std::byte* state);
  void call(const Step& step, const Frame& whole, std::byte* state);
  Times times_of(const Step& step) const;
  void closing(const Step& step, std::byte* state);
  void mark(std::uint32_t base);
  void widen(std::uint32_t base);
  void transfer(const Step& step, std::byte* state);
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
  std::vector<Watched> watched_;
  std::vector<Emissions> emissions_;                    // by bar kernel
  std::vector<std::size_t> room_;                       // by base: rows that its slots hold
  std::vector<AlignedVector<double>> wide_;             // by base: its slots, where they hold more than a block
  const InstrumentFacts* facts_ = nullptr;              // by leg
  std::array<std::uint64_t, block_rows> kinds_{};       // by row: its bit in `Rows::kinds`, one for each leg it is of
  std::vector<std::array<Nanos, block_rows>> clock_;    // by scope
  std::vector<Nanos> first_;                            // by scope
  std::array<Nanos, block_rows> event_{}, received_{};  // where a kernel needs the row's own times
  std::array<const double*, largest_inputs> operands_{};
  AlignedVector<double> spare_;  // outputs of a packed kernel before they are put in their places
  std::size_t spare_rows_ = block_rows;
};

}  // namespace millrace
