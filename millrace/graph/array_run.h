#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "millrace/base/aligned.h"
#include "millrace/graph/program.h"

namespace millrace {

/// A program of one kernel straight over arrays of one instrument: where every row is an observation, the arrays are
/// the kernel's inputs and its history, and it writes its results where they go. Rows around a null are packed first,
/// as the graph does it. The bits are those of the graph.
class ArrayRun {
 public:
  /// Whether the program is one kernel by rows, of numbers, that knows no times.
  static bool takes(const Program& program);

  /// REQUIRES: takes(program); the program outlives this.
  explicit ArrayRun(const Program& program);

  /// The next `rows` rows: one array for each input that is a column, one output for each of the kernel.
  void run(std::span<const std::span<const double>> arrays, std::size_t rows, std::span<double* const> out,
           const std::function<void()>& between);

 private:
  static constexpr std::size_t none = SIZE_MAX;
  struct Input {
    std::size_t array = none;  // none: left out, before one that is given
    Needed needed = Needed::nothing;
    AlignedVector<double> packed;  // observations in one piece, the history in front
  };

  bool is_clean(std::size_t first, std::size_t rows) const;
  void direct(std::size_t first, std::size_t rows, std::span<double* const> out);
  void aside(std::size_t first, std::size_t rows, std::span<double* const> out);
  std::size_t pack(std::size_t first, std::size_t rows);
  void take_history(std::size_t first);
  void make_room(std::size_t rows);
  void call(const std::array<const double*, largest_inputs>& in, std::size_t rows, double* const* out);

  const Step& kernel_;
  std::size_t outputs_;
  std::vector<Input> inputs_;
  std::size_t depth_ = 0;  // past observations that the kernel reads
  AlignedVector<std::byte> state_;
  std::uint64_t count_ = 0;  // observations
  std::span<const std::span<const double>> arrays_;
  std::size_t clean_ = 0;   // rows before the next that are all observations
  bool is_packed_ = false;  // the last of `packed` are the last observations
  std::size_t filled_ = 0;  // of `packed`
  std::vector<std::uint32_t> where_;
  AlignedVector<double> spare_;  // outputs of packed rows before they are put in their places
  AlignedVector<double> nulls_;  // of inputs that are left out
};

}  // namespace millrace
