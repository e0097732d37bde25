#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "millrace/kernels/numerics/short_powers.h"
#include "tests/kernels/five_ways.h"
#include "tests/kernels/random_series.h"

namespace millrace::testing {
namespace {

constexpr std::int64_t longest = 40;
constexpr std::size_t rows = 307;

/// `longest` rows to look back at, and `rows` more.
std::vector<double> walk(std::uint64_t seed) {
  std::mt19937_64 source(seed);
  std::normal_distribution<double> step(0.0, 1.0);
  std::vector<double> x(static_cast<std::size_t>(longest) + rows);
  double level = 60'000.0;
  for (double& value : x) value = level += step(source);
  return x;
}

std::vector<std::vector<double>> sums_of(const std::vector<double>& x, std::int64_t window, double shift) {
  // Exactly what may be read, so that a sanitizer sees more.
  const std::vector<double> seen(x.end() - static_cast<std::int64_t>(rows) - window, x.end());
  std::vector<std::vector<double>> sums(2, std::vector<double>(rows));
  ShortSums(SquareTerms{seen.data() + window, shift}, window).all(rows, {sums[0].data(), sums[1].data()});
  return sums;
}

TEST(ShortSums, FourRowsAtOnceHaveTheBitsOfEachAlone) {
  const std::vector<double> x = walk(1);
  for (std::int64_t window = 1; window <= longest; ++window) {
    const auto sums = sums_of(x, window, 60'000.0);
    for (std::size_t row = 0; row < rows; ++row) {
      const std::vector<double> seen(x.begin() + longest + static_cast<std::int64_t>(row) - window + 1,
                                     x.begin() + longest + static_cast<std::int64_t>(row) + 1);
      const auto alone = ShortSums(SquareTerms{&seen.back(), 60'000.0}, window).at(0);
      ASSERT_EQ(sums[0][row], alone[0]) << "window " << window << ", row " << row;
      ASSERT_EQ(sums[1][row], alone[1]) << "window " << window << ", row " << row;
    }
  }
}

TEST(ShortSums, AreWithinAFewUnitsOfTheLastPlace) {
  const std::vector<double> x = walk(2);
  for (std::int64_t window = 1; window <= longest; ++window) {
    const auto sums = sums_of(x, window, 60'000.0);
    for (std::size_t row = 0; row < rows; ++row) {
      long double sum = 0.0L, size = 0.0L, squares = 0.0L;
      for (std::int64_t k = 0; k < window; ++k) {
        const double d = x[static_cast<std::size_t>(longest + static_cast<std::int64_t>(row) - k)] - 60'000.0;
        sum += d;
        size += std::abs(d);
        squares += d * d;
      }
      const long double unit = 8.0L * std::numeric_limits<double>::epsilon();
      ASSERT_LE(std::abs(sums[0][row] - sum), unit * size) << "window " << window << ", row " << row;
      ASSERT_LE(std::abs(sums[1][row] - squares), unit * squares) << "window " << window << ", row " << row;
    }
  }
}

TEST(ShortSums, WhatHasLeftTheWindowHasLeftTheSum) {
  const std::vector<double> calm = walk(3);
  std::vector<double> spiked = calm;
  const std::size_t at = 30;
  spiked[static_cast<std::size_t>(longest) + at] = 1e16;
  for (std::int64_t window = 1; window <= longest; ++window) {
    const auto expected = sums_of(calm, window, 0.0), found = sums_of(spiked, window, 0.0);
    for (std::size_t row = 0; row < rows; ++row) {
      if (row >= at && row < at + static_cast<std::size_t>(window)) continue;
      ASSERT_EQ(found[0][row], expected[0][row]) << "window " << window << ", row " << row;
    }
  }
}

TEST(ShortSums, AShiftFarFromTheMeanMovesOnTheSameRowInAnyPortion) {
  std::vector<double> x = walk(4);
  for (std::size_t row = 0; row < x.size(); ++row) x[row] += row % 64 > 31 ? 5'000.0 : 0.0;  // jumps
  for (const std::int64_t window : {2, 3, 5, 16, 20, 32}) {
    std::vector<double> sums(rows), squares(rows), shifts(rows);
    ShortPowers whole{60'000.0, 0.0, 0.0}, each = whole;
    whole.slide_all(x.data() + longest, rows, window, sums.data(), squares.data(), shifts.data());
    std::size_t moves = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      const double before = each.shift;
      each.slide(x.data() + longest + row, window);
      moves += each.shift != before ? 1 : 0;
      ASSERT_EQ(sums[row], each.s1) << "window " << window << ", row " << row;
      ASSERT_EQ(squares[row], each.s2) << "window " << window << ", row " << row;
      ASSERT_EQ(shifts[row], each.shift) << "window " << window << ", row " << row;
    }
    EXPECT_EQ(whole.s1, each.s1);
    EXPECT_EQ(whole.shift, each.shift);
    EXPECT_GT(moves, 0U) << "window " << window;
  }
}

TEST(ShortSums, KernelsHaveTheSameBitsInAnyChunksOnBothSidesOfTheLongestShortWindow) {
  for (std::int64_t window = 2; window <= most_short_rows + 2; ++window) {
    for (const char* name : {"sma", "rolling_sum", "rolling_std", "bollinger_bands", "rolling_zscore"}) {
      const std::string text = std::string(name) + "(x, window=" + std::to_string(window) + ", min_periods=2)";
      SCOPED_TRACE(text);
      const Call call = make_call(text);
      ASSERT_EQ(call.wrong, "");
      play_five_ways(call, random_series(call, Market::price_of_60000, 300, 6, 0.05));
    }
  }
}

}  // namespace
}  // namespace millrace::testing
