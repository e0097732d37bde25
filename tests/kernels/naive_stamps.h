#pragma once

#include "tests/kernels/naive_clock.h"

/// Definitions of what goes by times and numbers that the rows themselves carry.
namespace millrace::testing::naive {

inline Real product_of(const Series& s, std::size_t row, std::size_t inputs) {
  Real product = 1;
  for (std::size_t i = 0; i < inputs; ++i) product *= static_cast<Real>(s.inputs[i][row]);
  return product;
}

/// Each row looks for all stamps that were passed between two rows up to it.
inline std::vector<Reals> funding_cost(const Series& s) {
  std::vector<Reals> out;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    Real paid = 0;
    bool has_begun = false;
    for (std::size_t i = 0; i <= row; ++i) {
      const Nanos stamp = Cell::time(s.inputs[3][i]);
      if (std::isnan(product_of(s, i, 3)) || stamp == no_time) continue;
      has_begun = true;
      if (i < row && s.clock[i] < stamp && stamp <= s.clock[i + 1]) paid += product_of(s, i, 3);
    }
    out.push_back({has_begun ? paid : null});
  }
  return out;
}

inline std::vector<Reals> perp_fair_price(const Arguments& a, const Series& s) {
  const Nanos interval = parse_duration(a.word("interval", "1h")).value_or(0);
  std::vector<Reals> out;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    const Nanos stamp = Cell::time(s.inputs[2][row]);
    out.push_back({null});
    if (stamp == no_time || stamp < s.clock[row] || stamp > s.clock[row] + interval) continue;
    const Real part = seconds(stamp - s.clock[row]) / seconds(interval);
    out.back()[0] = s.inputs[0][row] + s.inputs[0][row] * s.inputs[1][row] * part;
  }
  return out;
}

}  // namespace millrace::testing::naive
