#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "millrace/base/time.h"
#include "millrace/market/tick.h"

/// What `update` of a kernel may take besides numbers.
namespace millrace {

/// A value in a column of doubles: a number, or a time by its bits. Null is one quiet NaN for both; as a time it would
/// be a day in 2262.
struct Cell {
  double slot = no_value;

  Cell() = default;
  Cell(double number) noexcept : slot(std::isfinite(number) ? number : no_value) {}
  Cell(Nanos time) noexcept : slot(time == no_time ? no_value : std::bit_cast<double>(time)) {}
  Cell(int) = delete;  // is it a number or a time?

  static bool is_null(double slot) noexcept {
    return std::bit_cast<std::uint64_t>(slot) == std::bit_cast<std::uint64_t>(no_value);
  }
  static Nanos time(double slot) noexcept { return is_null(slot) ? no_time : std::bit_cast<Nanos>(slot); }
};

enum Seen : std::uint8_t { unobserved = 0, observed = 1, observed_null = 2 };

/// Looks back on a series: `x[0]` is the newest observation, `x[k]` the one k before. REQUIRES: k < x.count.
struct Past {
  const double* newest;
  std::uint64_t count;  // observations up to and including the newest

  double operator[](std::int64_t k) const noexcept { return newest[-k]; }
};

/// An optional input whose being left out of the call means something else than its being null.
struct Offered {
  double value;
  bool is_given;
};

/// The clock of one row, for kernels that decay or count time.
struct Now {
  Nanos clock;
  Nanos first;
};

/// The row's own times, for kernels that watch every row. Elsewhere late rows count at the clock.
struct Stamps {
  Nanos event;
  Nanos received;  // no_time = not known
};

/// Of kernels over several instruments: whether the row is an observation of an input, and the first row of the
/// instrument that it is of.
struct Fresh {
  const std::uint8_t* const* seen;
  const Nanos* firsts;
  std::size_t row;

  Seen operator[](std::size_t input) const noexcept { return static_cast<Seen>(seen[input][row]); }
  Nanos first(std::size_t input) const noexcept { return firsts[input]; }
};

/// All inputs of the row, of kernels that take a number of them: left-out ones are not given.
struct Inputs {
  const double* const* in;
  std::size_t row;

  bool is_given(std::size_t input) const noexcept { return in[input] != nullptr; }
  double operator[](std::size_t input) const noexcept { return in[input] == nullptr ? no_value : in[input][row]; }
};

/// Memory of a kernel whose state depends on its parameters; it follows `State` in the instrument's block.
using Tail = double*;

}  // namespace millrace
