#include <chrono>

#include <gtest/gtest.h>

#include "tests/asof/entries.h"

namespace millrace::testing {
namespace {

constexpr std::size_t chunkings[] = {1, 2, 7, 1000};

class Asof : public ::testing::TestWithParam<std::tuple<Direction, bool>> {};

void compare_entries(const Side& left, const Side& right, const AsofRule& rule, std::uint64_t seed) {
  const Matches rows = by_definition(left, right, rule);
  const std::size_t chunk = chunkings[seed % 4];
  ASSERT_EQ(by_kernel(left, right, rule, chunk), rows) << "AsofJoinKernel";
  ASSERT_EQ(by_table(left, right, rule, chunk), rows) << "asof_join_table";
  ASSERT_EQ(by_stream(left, right, rule, chunk), rows) << "asof_join_streaming";
  if (seed % 16 == 0) {
    ASSERT_EQ(by_batch(left, right, rule, 1 + seed / 16 % 3), rows) << "asof_join";
  }
  if (rule.direction != Direction::backward) return;
  StreamingAsofJoinKernel join(rule, 8);
  ASSERT_EQ(by_log(join, log_of(left, right, !rule.is_strict), left, right), rows) << "StreamingAsofJoinKernel";
}

TEST_P(Asof, EveryEntryGivesTheDefinition) {
  const auto [direction, is_strict] = GetParam();
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    for (const std::size_t keys : {1UL, 3UL, 50UL}) {
      for (const Shape shape :
           {Shape::dense_ties, Shape::gaps, Shape::all_equal, Shape::empty_left, Shape::empty_right}) {
        std::mt19937_64 random(seed * 64 + keys);
        const bool has_seqs = seed % 3 == 0;
        const Side left = random_side(random, shape == Shape::empty_left ? 0 : random() % 14, shape, keys, false);
        const Side right = random_side(random, shape == Shape::empty_right ? 0 : random() % 14, shape, keys, has_seqs);
        for (const std::uint64_t tolerance : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{10}, no_tolerance}) {
          compare_entries(left, right, {direction, is_strict, tolerance}, seed);
          if (HasFatalFailure()) {
            FAIL() << "seed " << seed << ", " << keys << " keys, shape " << static_cast<int>(shape) << ", tolerance "
                   << tolerance;
          }
        }
      }
    }
  }
}

TEST_P(Asof, RowsInAnyOrderGiveTheDefinitionToo) {
  const auto [direction, is_strict] = GetParam();
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    std::mt19937_64 random(seed);
    const std::size_t count = seed % 10 == 0 ? 900 : 60;  // many are added in bulk
    const Side left = shuffled(random_side(random, 60, Shape::gaps, 3, false), random);
    const Side right = shuffled(random_side(random, count, Shape::gaps, 3, seed % 2 == 0), random);
    const AsofRule rule{direction, is_strict, seed % 3 == 0 ? no_tolerance : 5};
    const Matches rows = by_definition(left, right, rule);
    ASSERT_EQ(by_batch(left, right, rule, 1 + seed % 3), rows) << seed;
    for (const std::size_t chunk : {1UL, 7UL, 300UL, 1000UL}) {
      ASSERT_EQ(by_kernel(left, right, rule, chunk), rows) << seed << " in chunks of " << chunk;
      ASSERT_EQ(by_table(left, right, rule, chunk), rows) << seed;
    }
  }
}

TEST_P(Asof, TheNumberOfThreadsDoesNotShowParallel) {
  const auto [direction, is_strict] = GetParam();
  std::mt19937_64 random(3);
  const Side left = random_side(random, 20'000, Shape::gaps, 50, false);
  const Side right = random_side(random, 20'000, Shape::gaps, 50, false);
  const AsofRule rule{direction, is_strict, 10};
  const Matches one = by_batch(left, right, rule, 1);
  for (const std::size_t threads : {2UL, 3UL, 7UL}) EXPECT_EQ(by_batch(left, right, rule, threads), one);
}

TEST_P(Asof, SidesInOrderAreJoinedBlockByBlockParallel) {
  const auto [direction, is_strict] = GetParam();
  for (const Shape shape : {Shape::dense_ties, Shape::gaps}) {
    std::mt19937_64 random(4);
    const Side left = with_all_times(random_side(random, 50'000, shape, 20, false));
    const Side right = with_all_times(random_side(random, 60'000, shape, 20, true));
    for (const std::uint64_t tolerance : {std::uint64_t{0}, std::uint64_t{10}, no_tolerance}) {
      const AsofRule rule{direction, is_strict, tolerance};
      const Matches rows = by_table(left, right, rule, 50'000);
      for (const std::size_t threads : {1UL, 2UL, 3UL})
        ASSERT_EQ(by_batch(left, right, rule, threads), rows) << threads;
    }
  }
}

TEST_P(Asof, WhatIsPrunedWasNoMatchOfRowsToCome) {
  const auto [direction, is_strict] = GetParam();
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    std::mt19937_64 random(seed);
    const Side left = with_all_times(random_side(random, 200, Shape::gaps, 5, false));
    const Side right = random_side(random, 200, Shape::gaps, 5, seed % 2 == 0);
    const AsofRule rule{direction, is_strict, seed % 2 == 0 ? no_tolerance : 7};
    AsofJoinKernel kernel(rule);
    std::vector<std::int64_t> old(right.size());  // by new number
    std::iota(old.begin(), old.end(), 0);
    kernel.add_right(right.rows());
    Matches out(1), rows;
    for (std::size_t i = 0; i < left.size(); ++i) {
      kernel.prune(left.times[i], true);
      if (i % 10 == 0) {
        std::vector<std::int64_t> renumbered;
        for (const std::int64_t row : kernel.renumber()) renumbered.push_back(old[static_cast<std::size_t>(row)]);
        old = std::move(renumbered);
      }
      kernel.process_left(left.rows(i, 1), out);
      rows.push_back(out[0] == no_row ? no_row : old[static_cast<std::size_t>(out[0])]);
    }
    ASSERT_EQ(rows, by_definition(left, right, rule)) << seed;
    ASSERT_GT(kernel.stats().evicted, 50U);
  }
}

TEST(AsofKernels, BackwardNeverLooksAheadAndNoToleranceMeansExactTimes) {
  std::mt19937_64 random(11);
  const Side left = random_side(random, 5000, Shape::gaps, 3, false);
  const Side right = random_side(random, 5000, Shape::gaps, 3, true);
  const Matches rows = by_batch(left, right, {Direction::backward, false, no_tolerance}, 1);
  const Matches exact = by_batch(left, right, {Direction::backward, false, 0}, 1);
  std::size_t matched = 0, exactly = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (exact[i] != no_row) {
      ++exactly;
      EXPECT_EQ(right.times[static_cast<std::size_t>(exact[i])], left.times[i]);
    }
    if (rows[i] == no_row) continue;
    ++matched;
    ASSERT_LE(right.times[static_cast<std::size_t>(rows[i])], left.times[i]);
  }
  EXPECT_GT(matched, 4000U);
  EXPECT_GT(exactly, 300U);
}

TEST(AsofKernels, AKernelRefusesAndCountsWhatComesBeforeItsCutoff) {
  AsofJoinKernel kernel({.tolerance_ns = 10});
  const Side first{{1, 5, 20}, {0, 1, 0}, {}}, second{{14, 15, no_time}, {0, 0, 0}, {}};
  kernel.add_right(first.rows());
  kernel.prune(15);
  kernel.add_right(second.rows());
  EXPECT_EQ(kernel.next_row(), 6);
  Matches out(3);
  const Side left{{19, 20, 20}, {0, 0, 1}, {}};
  kernel.process_left(left.rows(), out);
  EXPECT_EQ(out, (Matches{4, 2, no_row}));
  const auto stats = kernel.stats();
  EXPECT_EQ(stats.rows, 2U);
  EXPECT_EQ(stats.keys, 1U);
  EXPECT_EQ(stats.late, 1U);
  EXPECT_EQ(stats.evicted, 2U);
  EXPECT_EQ(stats.unmatched, 1U);
}

TEST(AsofKernels, ABatchCostsTheSameHoweverLargeTheTable) {
  Side right;
  for (Nanos time = 0; time < 2'000'000; ++time) right.add(time, static_cast<KeyNumber>(time % 7));
  const auto start = std::chrono::steady_clock::now();
  const AsofTable table(right.rows());
  const auto indexed = std::chrono::steady_clock::now();
  AsofIndex::Cursors cursors;
  std::mt19937_64 random(1);
  Matches out(1);
  for (int i = 0; i < 1000; ++i) {
    const auto time = static_cast<Nanos>(random() % 2'000'000);
    const Side left{{time}, {static_cast<KeyNumber>(time % 7)}, {}};
    asof_join_table(left.rows(), table, {}, cursors, out);
    ASSERT_EQ(out[0], time);
  }
  // To index the table once for each batch would take a thousand times as long.
  EXPECT_LT(std::chrono::steady_clock::now() - indexed, 10 * (indexed - start));
}

INSTANTIATE_TEST_SUITE_P(Rules, Asof,
                         ::testing::Combine(::testing::Values(Direction::backward, Direction::forward,
                                                              Direction::nearest),
                                            ::testing::Bool()));

}  // namespace
}  // namespace millrace::testing
