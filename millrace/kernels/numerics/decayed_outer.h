#pragma once

#include <cstddef>

namespace millrace {

/// C = lambda C + (1 - lambda) r r', kept as its lower triangle by rows: k (k + 1) / 2 numbers. Sums of outer products
/// stay positive semi-definite. The first step has lambda 0.
struct DecayedOuter {
  static constexpr std::size_t size(std::size_t k) { return k * (k + 1) / 2; }
  static constexpr std::size_t place(std::size_t row, std::size_t column) { return row * (row + 1) / 2 + column; }

  static void step(double lambda, double* triangle, const double* r, std::size_t k) noexcept {
    for (std::size_t i = 0; i < k; ++i) {
      for (std::size_t j = 0; j <= i; ++j, ++triangle) {
        *triangle = (lambda == 0.0 ? 0.0 : lambda * *triangle) + (1.0 - lambda) * (r[i] * r[j]);
      }
    }
  }
};

}  // namespace millrace
