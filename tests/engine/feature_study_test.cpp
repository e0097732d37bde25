#include "millrace/engine/feature_study.h"

#include <cmath>

#include <gtest/gtest.h>

#include "millrace/base/random.h"

namespace millrace {

namespace {

TEST(RankCorrelation, SharesRanksOfTies) {
  const std::vector<double> ranks = scaled_ranks(std::vector<double>{5.0, 1.0, 5.0, 9.0});
  // Ranks 1.5, 0, 1.5, 3: mean 1.5, variance 1.125.
  EXPECT_DOUBLE_EQ(ranks[0], 0.0);
  EXPECT_DOUBLE_EQ(ranks[2], 0.0);
  EXPECT_DOUBLE_EQ(ranks[1], -1.5 / std::sqrt(1.125));
  EXPECT_DOUBLE_EQ(ranks[3], 1.5 / std::sqrt(1.125));
}

TEST(RankCorrelation, IsOneOfWhatRisesTogetherAndNoneOfWhatDoesNotMove) {
  std::vector<double> x, y, still(100, 2.0);
  for (int i = 0; i < 100; ++i) {
    x.push_back(i);
    y.push_back(std::exp(0.1 * i));
  }
  EXPECT_NEAR(rank_correlation(x, y), 1.0, 1e-12);
  EXPECT_TRUE(std::isnan(rank_correlation(x, still)));
  EXPECT_TRUE(std::isnan(rank_correlation(std::vector<double>(5, 1.0), std::vector<double>(5, 1.0))));
}

/// A lasting feature and the sum of the next `overlap` returns, which have nothing to do with it.
InformationCoefficient of_noise(Random& random, std::size_t n, std::size_t overlap, std::size_t block_rows) {
  std::vector<double> returns, feature(n), later(n);
  for (std::size_t i = 0; i < n + overlap; ++i) returns.push_back(random.gaussian());
  double state = 0.0;
  std::vector<std::uint32_t> block(n);
  for (std::size_t i = 0; i < n; ++i) {
    state = 0.95 * state + random.gaussian();
    feature[i] = state;
    for (std::size_t k = 1; k <= overlap; ++k) later[i] += returns[i + k - 1];
    block[i] = static_cast<std::uint32_t>(i / block_rows);
  }
  return information_coefficient(feature, later, block);
}

TEST(InformationCoefficient, HasAnErrorThatAllowsForOverlap) {
  Random random(11);
  constexpr int runs = 400;
  constexpr std::size_t rows = 4'000, overlap = 20;
  double squares = 0.0, errors = 0.0;
  int beyond = 0;
  for (int i = 0; i < runs; ++i) {
    const InformationCoefficient one = of_noise(random, rows, overlap, 5 * overlap);
    EXPECT_EQ(one.blocks, rows / (5 * overlap));
    squares += one.rank * one.rank / runs;
    errors += one.rank_error * one.rank_error / runs;
    beyond += std::abs(one.rank) > 1.96 * one.rank_error ? 1 : 0;
  }
  const double naive = 1.0 / std::sqrt(static_cast<double>(rows));
  EXPECT_GT(std::sqrt(squares), 3.0 * naive) << "the made-up rows overlap too little to prove anything";
  EXPECT_NEAR(std::sqrt(errors / squares), 1.0, 0.15);
  EXPECT_LT(beyond, 0.11 * runs);  // 5 % if blocks were many and wholly independent
  EXPECT_GT(beyond, 0.02 * runs);
}

TEST(InformationCoefficient, OfFewBlocksHasNoError) {
  Random random(3);
  const InformationCoefficient one = of_noise(random, 100, 5, 50);
  EXPECT_FALSE(std::isnan(one.rank));
  EXPECT_TRUE(std::isnan(one.rank_error));
}

TEST(ClusteredOrder, PutsTogetherWhatMovesTogether) {
  // 0 and 3 are close, 1 and 4 are opposites, which is close too, and 2 stands alone, with an unknown correlation.
  const std::vector<double> r{1.0, 0.1,  NAN, 0.9, 0.0,   //
                              0.1, 1.0,  0.0, 0.2, -0.8,  //
                              NAN, 0.0,  1.0, 0.0, 0.1,   //
                              0.9, 0.2,  0.0, 1.0, 0.1,   //
                              0.0, -0.8, 0.1, 0.1, 1.0};
  EXPECT_EQ(clustered_order(r, 5), (std::vector<std::uint32_t>{0, 3, 1, 4, 2}));
  EXPECT_TRUE(clustered_order({}, 0).empty());
  EXPECT_EQ(clustered_order({1.0}, 1), std::vector<std::uint32_t>{0});
}

}  // namespace

}  // namespace millrace
