#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "millrace/kernels/numerics/extreme.h"
#include "millrace/kernels/numerics/pair_blocks.h"

namespace millrace {
namespace {

constexpr std::int64_t longest = 800;
constexpr std::size_t rows = 2'500;

/// Steps of a price, with zeros of both signs where it stands still.
std::vector<double> steps() {
  std::mt19937_64 source(7);
  std::normal_distribution<double> step;
  std::vector<double> x(static_cast<std::size_t>(longest) + rows);
  for (std::size_t row = 0; row < x.size(); ++row) {
    const bool is_still = row % 1'400 > 1'000;
    x[row] = is_still ? (row % 3 == 0 ? -0.0 : 0.0) : step(source);
  }
  return x;
}

bool have_equal_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

template <class Extreme>
void compare_extremes(std::int64_t window) {
  const std::vector<double> x = steps();
  std::vector<double> ends(static_cast<std::size_t>(window)), ends_of_each(ends.size()), values(rows);
  BlockExtreme<Extreme> whole, each;
  std::uint64_t count = 0;
  for (; count < static_cast<std::uint64_t>(longest); ++count) {
    whole.slide(Past{x.data() + count, count + 1}, window, ends.data());
    each.slide(Past{x.data() + count, count + 1}, window, ends_of_each.data());
  }
  whole.slide_all(x.data() + longest, rows, window, count, ends.data(), values.data());
  for (std::size_t row = 0; row < rows; ++row) {
    const double value = each.slide(Past{x.data() + count + row, count + row + 1}, window, ends_of_each.data());
    ASSERT_TRUE(have_equal_bits(values[row], value)) << "window " << window << ", row " << row;
  }
  EXPECT_TRUE(have_equal_bits(whole.start, each.start)) << "window " << window;
  // Only what lies behind the open block is read again.
  for (std::size_t place = (count + rows) % static_cast<std::size_t>(window) + 1; place < ends.size(); ++place) {
    ASSERT_TRUE(have_equal_bits(ends[place], ends_of_each[place])) << "window " << window << ", place " << place;
  }
}

TEST(BlockExtreme, ManyRowsHaveTheBitsAndTheStateOfEachAlone) {
  for (const std::int64_t window : {1, 2, 3, 4, 5, 20, 64, 511, 512, 513, 700}) {
    compare_extremes<Highest>(window);
    compare_extremes<Lowest>(window);
  }
}

/// Two prices that wander, jump together and stand still.
std::vector<std::vector<double>> prices() {
  std::mt19937_64 source(9);
  std::normal_distribution<double> step;
  std::vector<std::vector<double>> sides(2);
  double level = 60'000.0, other = 100.0;
  for (std::size_t row = 0; row < static_cast<std::size_t>(longest) + rows; ++row) {
    if (row % 900 == 899) level *= 1.1;
    const double move = row % 1'400 > 1'000 ? 0.0 : step(source);
    sides[0].push_back(level += move);
    sides[1].push_back(other += 0.3 * move + (row % 2'000 > 1'500 ? 0.0 : 0.1 * step(source)));
  }
  return sides;
}

TEST(PairBlocks, ManyPairsHaveTheBitsAndTheStateOfEachAlone) {
  const auto sides = prices();
  const double *u = sides[0].data(), *v = sides[1].data();
  for (const std::int64_t window : {2, 3, 20, 100, 127, 128, 129, 300}) {
    std::vector<double> ends(PairBlocks::doubles(window)), ends_of_each(ends.size());
    PairBlocks whole, each;
    std::int64_t pairs = 0;
    for (; pairs < longest; ++pairs) {
      whole.slide(u + pairs, v + pairs, pairs + 1, window, ends.data());
      each.slide(u + pairs, v + pairs, pairs + 1, window, ends_of_each.data());
    }
    std::size_t moves = 0;
    for (std::size_t from = 0; from < rows; from += block_rows) {
      const std::size_t count = std::min<std::size_t>(block_rows, rows - from);
      PairsByRow kept;
      std::vector<double> values(count);
      whole.slide_all(u + pairs, v + pairs, count, pairs + 1, window, ends.data(), kept);
      kept.correlations(count, static_cast<double>(window), values.data());
      for (std::size_t row = 0; row < count; ++row, ++pairs) {
        const double before = each.shift_u;
        const auto s = each.slide(u + pairs, v + pairs, pairs + 1, window, ends_of_each.data());
        moves += each.shift_u != before ? 1 : 0;
        const Pairs expected{each.shift_u, each.shift_v, s[0], s[1], s[2], s[3], s[4]};
        const double value = form::finite_or_null(expected.correlation(static_cast<double>(window)));
        ASSERT_EQ(kept.shift_u[row], each.shift_u) << "window " << window << ", row " << from + row;
        ASSERT_EQ(kept.uv[row], s[4]) << "window " << window << ", row " << from + row;
        ASSERT_TRUE(have_equal_bits(values[row], value)) << "window " << window << ", row " << from + row;
      }
      ASSERT_EQ(std::memcmp(&whole, &each, sizeof whole), 0) << "window " << window << ", row " << from;
    }
    EXPECT_GT(moves, 0U) << "window " << window;
  }
}

}  // namespace
}  // namespace millrace
