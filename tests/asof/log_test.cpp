#include <gtest/gtest.h>

#include "millrace/base/error.h"
#include "tests/asof/entries.h"

namespace millrace::testing {
namespace {

TEST(AsofLog, StrictJoinsAgreeWithTheOrderOfTimeInAnySortedLog) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    std::mt19937_64 random(seed);
    const Side left = random_side(random, 100, Shape::gaps, 3, false);
    const Side right = random_side(random, 100, Shape::gaps, 3, seed % 2 == 0);
    const AsofRule rule{Direction::backward, true, seed % 3 == 0 ? no_tolerance : 6};
    for (const bool rights_first : {false, true}) {
      StreamingAsofJoinKernel join(rule, 8);
      ASSERT_EQ(by_log(join, log_of(left, right, rights_first), left, right), by_definition(left, right, rule));
      ASSERT_EQ(join.stats().missed, 0U);
    }
  }
}

TEST(AsofLog, ARightRowIsNotSeenByTheLeftRowsInFrontOfIt) {
  StreamingAsofJoinKernel join({.tolerance_ns = 5}, 8);
  join.on_right(0, 8, no_seq, numbers(0, 1));
  EXPECT_EQ(join.on_left(0, 10).time, 8);
  join.on_right(0, 9, no_seq, numbers(1, 1));
  EXPECT_EQ(join.on_left(0, 10).time, 9);
  join.on_right(0, 12, no_seq, numbers(2, 1));
  EXPECT_EQ(join.on_left(0, 10).time, 9);  // of the future, though it stands before
  EXPECT_EQ(join.on_left(1, 10).time, no_time);
  EXPECT_EQ(join.on_left(0, 18).time, no_time);  // the choice is made first, then the tolerance is tested
  EXPECT_EQ(join.stats().unmatched, 2U);
}

/// What the definition of order=log says, with all rows at hand.
Matches log_by_definition(const std::vector<LogRow>& log, const Side& left, const Side& right, const AsofRule& rule,
                          std::uint64_t& missed) {
  Matches out;
  std::vector<std::size_t> seen;
  for (const auto& [is_right, row] : log) {
    if (is_right) {
      if (right.times[row] != no_time) seen.push_back(row);
      continue;
    }
    std::vector<std::size_t> kept;
    for (const std::size_t r : seen) {
      if (right.keys[r] == left.keys[row] && right.keys[r] != no_key) kept.push_back(r);
    }
    std::stable_sort(kept.begin(), kept.end(), [&](std::size_t a, std::size_t b) {
      return std::tuple(right.times[a], right.seqs[a]) < std::tuple(right.times[b], right.seqs[b]);
    });
    const bool has_discarded = kept.size() > 17;
    if (has_discarded) kept.erase(kept.begin(), kept.end() - 17);
    std::int64_t chosen = no_row;
    if (left.times[row] != no_time) {
      for (const std::size_t r : kept) {
        if (right.times[r] <= left.times[row]) chosen = static_cast<std::int64_t>(r);
      }
      missed += static_cast<std::uint64_t>(chosen == no_row && has_discarded);
    }
    const bool is_far = chosen != no_row &&
                        distance_ns(right.times[static_cast<std::size_t>(chosen)], left.times[row]) > rule.tolerance_ns;
    out.push_back(is_far ? no_row : chosen);
  }
  return out;
}

TEST(AsofLog, KeepsTheNewestAndSixteenWhateverTheirArrivalAndResumesAfterEveryRow) {
  std::uint64_t all_missed = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    std::mt19937_64 random(seed);
    const Side left = shuffled(random_side(random, 80, Shape::gaps, 2, false), random);
    const Side right = shuffled(random_side(random, 80, Shape::gaps, 2, true), random);
    std::vector<LogRow> log;
    for (std::size_t i = 0; i < right.size(); ++i) {
      log.push_back({true, i});
      log.push_back({false, i});
    }
    const AsofRule rule{.tolerance_ns = 40};
    std::uint64_t missed = 0;
    const Matches rows = log_by_definition(log, left, right, rule, missed);
    StreamingAsofJoinKernel join(rule, 8);
    ASSERT_EQ(by_log(join, log, left, right), rows) << seed;
    ASSERT_EQ(join.stats().missed, missed);
    ASSERT_LE(join.stats().rows, 34U);
    all_missed += missed;

    StreamingAsofJoinKernel resumed(rule, 8);
    Matches out;
    Bytes bytes;
    for (const LogRow& next : log) {
      for (const std::int64_t row : by_log(resumed, {next}, left, right)) out.push_back(row);
      bytes.clear();
      resumed.snapshot(bytes);
      StreamingAsofJoinKernel restored(rule, 8);
      restored.restore(bytes);
      resumed = restored;
    }
    ASSERT_EQ(out, rows);
    Bytes whole;
    join.snapshot(whole);
    ASSERT_EQ(bytes, whole);
  }
  EXPECT_GT(all_missed, 100U);
}

TEST(AsofLog, RefusesWhatLooksForwardAndForeignSnapshots) {
  EXPECT_THROW(StreamingAsofJoinKernel({.direction = Direction::nearest}, 8), Error);
  StreamingAsofJoinKernel join({}, 8), other({.is_strict = true}, 8);
  join.on_right(3, 8, no_seq, numbers(0, 1));
  Bytes bytes;
  join.snapshot(bytes);
  EXPECT_THROW(other.restore(bytes), Error);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes damaged = bytes;
    damaged[i] ^= std::byte{1};
    EXPECT_THROW(join.restore(damaged), Error) << i;
  }
  join.restore(bytes);
  EXPECT_EQ(join.on_left(3, 9).time, 8);
}

}  // namespace
}  // namespace millrace::testing
