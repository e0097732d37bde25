#include "millrace/io/column_rows.h"

#include <immintrin.h>

namespace millrace {

std::uint64_t numbers_among(const double* values) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 64; i += 4) {
    const __m256d four = _mm256_loadu_pd(values + i);
    const int mask = _mm256_movemask_pd(_mm256_cmp_pd(four, four, _CMP_ORD_Q));
    word |= static_cast<std::uint64_t>(static_cast<unsigned>(mask)) << i;
  }
  return word;
}

}  // namespace millrace
