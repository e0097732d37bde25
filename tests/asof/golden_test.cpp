#include <gtest/gtest.h>

#include "tests/asof/entries.h"

namespace millrace::testing {
namespace {

// Goldens AS-1 to AS-5. The right side is (t, seq): (1, 1) (3, 2) (3, 3) (6, 4); rows are numbered from 0.

struct Golden {
  const char* id;
  AsofRule rule;
  Side left, right;
  Matches rows;
};

Side times(std::vector<Nanos> t) {
  const std::size_t count = t.size();
  return {std::move(t), std::vector<KeyNumber>(count, 0), {}};
}

std::vector<Golden> goldens() {
  Side right = times({1, 3, 3, 6});
  right.seqs = {1, 2, 3, 4};
  using enum Direction;
  return {{"AS-1", {backward, false, 3}, times({0, 3, 4, 9, 10}), right, {-1, 2, 2, 3, -1}},
          {"AS-2", {backward, true, 3}, times({1, 3, 4}), right, {-1, 0, 2}},
          {"AS-3", {forward, false, 3}, times({0, 3, 4, 7}), right, {0, 1, 3, -1}},
          {"AS-4", {nearest, false, 3}, times({2, 3, 5, 8, 10}), right, {0, 2, 3, 3, -1}},
          {"AS-5", {backward, false, 3}, {{5, 5, 5}, {0, 1, no_key}, {}}, {{4, 4}, {0, no_key}, {}}, {0, -1, -1}}};
}

TEST(AsofGolden, EveryEntryGivesIt) {
  for (const auto& [id, rule, left, right, rows] : goldens()) {
    SCOPED_TRACE(id);
    EXPECT_EQ(by_definition(left, right, rule), rows);
    EXPECT_EQ(by_batch(left, right, rule, 1), rows);
    for (const std::size_t chunk : {1UL, 2UL, 1000UL}) {
      EXPECT_EQ(by_kernel(left, right, rule, chunk), rows);
      EXPECT_EQ(by_table(left, right, rule, chunk), rows);
      EXPECT_EQ(by_stream(left, right, rule, chunk), rows);
    }
    if (rule.direction != Direction::backward) continue;
    StreamingAsofJoinKernel join(rule, 8);
    EXPECT_EQ(by_log(join, log_of(left, right, !rule.is_strict), left, right), rows);
  }
}

TEST(AsofGolden, TimesAtTheEndsOfTheRangeAreMatchedAsAllOthers) {
  const Side left = times({no_time + 1, 0, INT64_MAX}), right = times({no_time + 1, INT64_MAX});
  for (const Direction direction : {Direction::backward, Direction::forward, Direction::nearest}) {
    for (const bool is_strict : {false, true}) {
      for (const std::uint64_t tolerance : {std::uint64_t{0}, std::uint64_t{1} << 63U, no_tolerance}) {
        const AsofRule rule{direction, is_strict, tolerance};
        const Matches rows = by_definition(left, right, rule);
        EXPECT_EQ(by_batch(left, right, rule, 1), rows);
        EXPECT_EQ(by_kernel(left, right, rule, 1), rows);
        AsofStreamOptions options = stream_options(rule);
        options.max_lookback_ns = no_tolerance;
        AsofJoinStreaming join(options);
        JoinedRows joined;
        join.add_left(left.rows(), numbers(0, 3), joined);
        join.add_right(right.rows(), numbers(0, 2), joined);
        join.finish_right(joined);
        EXPECT_EQ(matches_of(joined), rows);
      }
    }
  }
}

}  // namespace
}  // namespace millrace::testing
