#include <algorithm>
#include <array>

#include <immintrin.h>

#include "millrace/graph/block.h"

// The values of fewer rows on every row, the last one repeated.

namespace millrace {

namespace {

/// By `repeats`: which of four values each of four rows has, as numbers of halves.
constexpr auto halves = [] {
  std::array<std::array<std::int32_t, 8>, 8> table{};
  for (std::size_t repeats = 0; repeats < 8; ++repeats) {
    std::int32_t value = 0;
    for (std::size_t row = 0; row < 4; ++row) {
      if (row > 0) value += static_cast<std::int32_t>(repeats >> (row - 1) & 1U);
      table[repeats][2 * row] = 2 * value;
      table[repeats][2 * row + 1] = 2 * value + 1;
    }
  }
  return table;
}();

__m256i which_of(std::uint8_t repeats) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(halves[repeats].data()));
}

}  // namespace

void BlockRunner::spread(const Step& one, std::byte* state) {
  auto* last = reinterpret_cast<double*>(state + one.state);
  const Base& base = bases_[one.base];
  if (base.count == 0) {
    for (std::size_t k = 0; k < one.inputs; ++k) std::fill_n(at_[one.out + k], count_, last[k]);
    return;
  }
  for (std::size_t k = 0; k < one.inputs; ++k) {
    double* in = at_[program_.operands[one.first + k]];
    double* out = at_[one.out + k];
    if (base.is_full) {
      copy_values(in, count_, out);
    } else {
      in[-1] = last[k];
      std::size_t i = 0;
      if (base.is_spread) {  // a load may reach past the observations, into the next column
        for (; i + 4 <= count_; i += 4) {
          const __m256 four = _mm256_loadu_ps(reinterpret_cast<const float*>(in + base.latest[i]));
          _mm256_storeu_ps(reinterpret_cast<float*>(out + i),
                           _mm256_permutevar8x32_ps(four, which_of(base.repeats[i / 4])));
        }
      }
      for (; i < count_; ++i) out[i] = in[base.latest[i]];
    }
    last[k] = in[base.count - 1];
  }
}

}  // namespace millrace
