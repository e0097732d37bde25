#pragma once

#include <algorithm>
#include <string>

#include "tests/kernels/harness.h"

namespace millrace::testing {

/// The first difference in bits, or nothing. The player has made every null the same.
inline std::string difference(const Outputs& a, const Outputs& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].size() != b[i].size()) return "output " + std::to_string(i) + ": numbers of rows differ";
    for (std::size_t row = 0; row < a[i].size(); ++row) {
      if (std::memcmp(&a[i][row], &b[i][row], sizeof(double)) == 0) continue;
      return "output " + std::to_string(i) + ", row " + std::to_string(row) + ": " + std::to_string(a[i][row]) +
             " and " + std::to_string(b[i][row]);
    }
  }
  return {};
}

inline Series reversed(Series series) {
  for (auto& input : series.inputs) std::reverse(input.begin(), input.end());
  std::reverse(series.seen.begin(), series.seen.end());
  for (auto& fresh : series.fresh) std::reverse(fresh.begin(), fresh.end());
  return series;
}

inline Outputs play_beside_another(const Call& call, const Series& series) {
  const Series other = reversed(series);
  Player mine(call, false), theirs(call, false);
  Outputs out(call.kernel->outputs.size()), ignored(call.kernel->outputs.size());
  for (std::size_t row = 0; row < series.rows(); ++row) {
    theirs.play(other, row, row + 1, ignored);
    mine.play(series, row, row + 1, out);
  }
  return out;
}

inline Outputs play_from_snapshots(const Call& call, const Series& series) {
  Player player(call, false);
  Outputs out(call.kernel->outputs.size());
  for (std::size_t row = 0; row < series.rows(); ++row) {
    Player restored = player;  // what is saved are bytes, history and count
    player = Player(call, false);
    restored.play(series, row, row + 1, out);
    player = restored;
  }
  return out;
}

/// Plays in all ways that must not matter and returns the one result.
inline Outputs play_five_ways(const Call& call, const Series& series) {
  const Outputs whole = play(call, series, series.rows());
  for (const std::size_t chunk : {1U, 2U, 7U, 100U}) {
    EXPECT_EQ(difference(whole, play(call, series, chunk)), "") << "in chunks of " << chunk;
  }
  EXPECT_EQ(difference(whole, play_beside_another(call, series)), "") << "beside another key";
  EXPECT_EQ(difference(whole, play_from_snapshots(call, series)), "") << "restored after every row";
  EXPECT_EQ(difference(whole, play(call, series, series.rows(), true)), "") << "by update alone";
  return whole;
}

}  // namespace millrace::testing
