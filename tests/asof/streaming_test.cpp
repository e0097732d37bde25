#include <gtest/gtest.h>

#include "millrace/base/error.h"
#include "tests/asof/entries.h"

namespace millrace::testing {
namespace {

/// One arrival: a row of one side.
struct Arrival {
  bool is_right;
  std::size_t row;
};

void feed(AsofJoinStreaming& join, const Side& left, const Side& right, Arrival next, JoinedRows& joined) {
  const auto& [is_right, row] = next;
  const std::size_t taken = is_right ? join.add_right(right.rows(row, 1), numbers(row, 1), joined)
                                     : join.add_left(left.rows(row, 1), numbers(row, 1), joined);
  ASSERT_EQ(taken, 1U);
}

/// Interleaves both sides at random; rows of the right side come up to `lateness` behind their turn.
std::vector<Arrival> arrivals(const Side& left, const Side& right, Nanos lateness, std::mt19937_64& random) {
  std::vector<std::pair<Nanos, std::size_t>> order;
  for (std::size_t r = 0; r < right.size(); ++r) {
    const auto delay = lateness == 0 ? 0 : static_cast<Nanos>(random() % static_cast<std::uint64_t>(lateness + 1));
    order.emplace_back(right.times[r] + delay, r);
  }
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Arrival> out;
  std::size_t l = 0, r = 0;
  while (l < left.size() || r < right.size()) {
    const bool is_right = l == left.size() || (r < right.size() && random() % 2 == 0);
    out.push_back({is_right, is_right ? order[r++].second : l++});
  }
  return out;
}

TEST(AsofStreaming, AnyInterleavingWithinTheLatenessGivesTheSameRows) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    std::mt19937_64 random(seed);
    const Side left = random_side(random, 150, Shape::gaps, 3, false);
    Side right = with_all_times(random_side(random, 150, Shape::gaps, 3, false));
    right.seqs.resize(right.size());
    std::iota(right.seqs.begin(), right.seqs.end(), 0);  // the order of equal times is theirs, not that of arrival
    for (const Direction direction : {Direction::backward, Direction::forward, Direction::nearest}) {
      const AsofRule rule{direction, seed % 2 == 0, seed % 3 == 0 ? no_tolerance : 6};
      const Matches rows = by_definition(left, right, rule);
      for (const Nanos lateness : {0, 5, 50}) {
        AsofStreamOptions options = stream_options(rule);
        options.allowed_lateness_ns = static_cast<std::uint64_t>(lateness);
        AsofJoinStreaming join(options);
        JoinedRows joined;
        for (const Arrival& next : arrivals(left, right, lateness, random)) feed(join, left, right, next, joined);
        join.finish_right(joined);
        ASSERT_EQ(join.stats().asof_late_right, 0U);
        ASSERT_EQ(matches_of(joined), rows) << "seed " << seed << ", lateness " << lateness;
      }
    }
  }
}

TEST(AsofStreaming, ARowComesOutAsSoonAsItsMatchIsCertain) {
  const auto emitted_at = [](const AsofRule& rule, std::vector<Nanos> rights) {
    AsofJoinStreaming join(stream_options(rule));
    JoinedRows joined;
    const Side left{{10}, {0}, {}};
    join.add_left(left.rows(), numbers(0, 1), joined);
    for (std::size_t i = 0; i < rights.size(); ++i) {
      const Side right{{rights[i]}, {0}, {}};
      join.add_right(right.rows(), numbers(i, 1), joined);
      if (joined.size() == 1) return rights[i];
    }
    return no_time;
  };
  using enum Direction;
  EXPECT_EQ(emitted_at({backward, false, 5}, {8, 10, 10, 11}), 11);
  EXPECT_EQ(emitted_at({backward, true, 5}, {8, 9, 10, 11}), 10);
  EXPECT_EQ(emitted_at({forward, false, 5}, {9, 10, 10, 12}), 12);  // 10 is final once 10 is passed
  EXPECT_EQ(emitted_at({forward, false, 5}, {9, 15, 16}), 16);
  EXPECT_EQ(emitted_at({nearest, false, 5}, {8, 11, 12}), 12);
  EXPECT_EQ(emitted_at({nearest, false, 5}, {8, 13}), 13);  // 8 is closer than all after 12
  EXPECT_EQ(emitted_at({nearest, false, 5}, {1, 12, 13}), 13);
  EXPECT_EQ(emitted_at({nearest, false, 5}, {1, 16}), 16);
}

TEST(AsofStreaming, HeartbeatsAndTheSlowestPartitionMoveTheWatermark) {
  AsofStreamOptions options = stream_options({.tolerance_ns = 5});
  options.right_partitions = 2;
  AsofJoinStreaming join(options);
  JoinedRows joined;
  const Side left{{10}, {0}, {}}, right{{9, 30}, {0, 0}, {}};
  join.add_left(left.rows(), numbers(0, 1), joined);
  join.add_right(right.rows(), numbers(0, 2), joined, 0);
  EXPECT_EQ(joined.size(), 0U);  // nothing is known of partition 1
  join.heartbeat_right(10, joined, 1);
  EXPECT_EQ(joined.size(), 0U);
  join.heartbeat_right(11, joined, 1);
  EXPECT_EQ(matches_of(joined), Matches{0});
}

TEST(AsofStreaming, ARowWithoutKeyOrTimeWaitsOnlyForItsTurn) {
  AsofJoinStreaming join(stream_options({.tolerance_ns = 5}));
  JoinedRows joined;
  const Side left{{no_time, 10, 11, no_time}, {0, no_key, 0, 0}, {}};
  join.add_left(left.rows(), numbers(0, 4), joined);
  EXPECT_EQ(joined.size(), 2U);
  join.finish_right(joined);
  EXPECT_EQ(matches_of(joined), (Matches{no_row, no_row, no_row, no_row}));
}

TEST(AsofStreaming, LateRowsAreCountedAndLateLeftRowsAreMarked) {
  AsofStreamOptions options = stream_options({.tolerance_ns = 5});
  options.left_slot_bytes = 12;
  options.flags_at = 8;
  AsofJoinStreaming join(options);
  JoinedRows joined;
  const Side right{{10, 20, 19}, {0, 0, 0}, {}}, left{{21, 12}, {0, 0}, {}};
  join.add_right(right.rows(), numbers(0, 3), joined);
  Bytes slots;
  for (const std::int64_t row : {0, 1}) {
    ByteWriter(slots).put(row);
    ByteWriter(slots).put(std::uint32_t{1});
  }
  join.add_left(left.rows(), slots, joined);
  join.finish_right(joined);
  ASSERT_EQ(joined.size(), 2U);
  EXPECT_EQ(joined.right_times, (std::vector<Nanos>{20, no_time}));  // 10 was forgotten when 21 came
  EXPECT_EQ(joined.is_late, (std::vector<std::uint8_t>{0, 1}));
  EXPECT_EQ(std::to_integer<int>(joined.left[8]), 1);
  EXPECT_EQ(std::to_integer<int>(joined.left[20]), 1 | 4);
  const auto stats = join.stats();
  EXPECT_EQ(stats.asof_late_right, 1U);
  EXPECT_EQ(stats.late_left, 1U);
  EXPECT_EQ(stats.unmatched, 1U);
}

TEST(AsofStreaming, ResumesAfterEveryRow) {
  for (const Direction direction : {Direction::backward, Direction::forward, Direction::nearest}) {
    std::mt19937_64 random(5);
    const Side left = random_side(random, 60, Shape::gaps, 3, false);
    const Side right = with_all_times(random_side(random, 60, Shape::gaps, 3, false));
    AsofStreamOptions options = stream_options({direction, false, 6});
    options.allowed_lateness_ns = 2;
    AsofJoinStreaming whole(options);
    JoinedRows expected, joined;
    auto resumed = std::make_unique<AsofJoinStreaming>(options);
    for (const Arrival& next : arrivals(left, right, 12, random)) {
      feed(whole, left, right, next, expected);
      feed(*resumed, left, right, next, joined);
      Bytes bytes, again, unbroken;
      resumed->snapshot(bytes);
      auto restored = std::make_unique<AsofJoinStreaming>(options);
      restored->restore(bytes);
      restored->snapshot(again);
      ASSERT_EQ(bytes, again);
      whole.snapshot(unbroken);
      ASSERT_EQ(bytes, unbroken);
      resumed = std::move(restored);
    }
    whole.finish_right(expected);
    resumed->finish_right(joined);
    EXPECT_EQ(joined.right, expected.right);
    EXPECT_EQ(joined.right_times, expected.right_times);
    EXPECT_EQ(resumed->stats().asof_late_right, whole.stats().asof_late_right);
    EXPECT_GT(resumed->stats().asof_late_right, 0U);
  }
}

TEST(AsofStreaming, ASnapshotOfAnotherJoinOrADamagedOneIsRefused) {
  AsofJoinStreaming join(stream_options({.tolerance_ns = 5}));
  JoinedRows joined;
  const Side right{{10, 20}, {0, 1}, {}};
  join.add_right(right.rows(), numbers(0, 2), joined);
  Bytes bytes;
  join.snapshot(bytes);
  AsofJoinStreaming other(stream_options({.tolerance_ns = 6}));
  const auto refusal = [&](AsofJoinStreaming& into, const Bytes& snapshot) -> std::string {
    try {
      into.restore(snapshot);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::state);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(refusal(other, bytes), "snapshot of an asof join: made by a join with other options");
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    EXPECT_NE(refusal(join, Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(cut))), "");
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes damaged = bytes;
    damaged[i] ^= std::byte{1};
    EXPECT_NE(refusal(join, damaged), "");
  }
  EXPECT_EQ(join.stats().rows, 2U);  // as it was
  EXPECT_EQ(refusal(join, bytes), "");
}

TEST(AsofStreaming, LimitsHoldBackTheSideThatIsAhead) {
  AsofStreamOptions options = stream_options({.tolerance_ns = 5});
  options.most_pending = 2;
  options.most_retained = 3;
  AsofJoinStreaming join(options);
  JoinedRows joined;
  const Side left{{1, 2, 3}, {0, 0, 0}, {}}, right{{4, 5, 6, 7, 8}, {0, 0, 0, 0, 0}, {}};
  EXPECT_EQ(join.add_left(left.rows(), numbers(0, 3), joined), 2U);
  EXPECT_EQ(join.add_right(right.rows(), numbers(0, 5), joined), 3U);
  EXPECT_EQ(joined.size(), 2U);
  join.heartbeat_left(20, joined);
  EXPECT_EQ(join.add_right(right.rows(3, 2), numbers(3, 2), joined), 2U);
}

TEST(AsofStreaming, MemoryStaysFlat) {
  for (const std::uint64_t tolerance : {std::uint64_t{1000}, no_tolerance}) {
    AsofJoinStreaming join(stream_options({.tolerance_ns = tolerance}));
    std::size_t early = 0, latest = 0;
    JoinedRows joined;
    for (Nanos time = 1; time <= 2'000'000; ++time) {
      const Side row{{time}, {static_cast<KeyNumber>(time % 100)}, {}};
      join.add_right(row.rows(), numbers(0, 1), joined);
      join.add_left(row.rows(), numbers(0, 1), joined);
      joined = {};
      if (time == 200'000) early = join.stats().bytes;
      if (time == 2'000'000) latest = join.stats().bytes;
    }
    EXPECT_LE(latest, early + early / 10);
    EXPECT_LT(latest, 1'000'000U);
  }
}

}  // namespace
}  // namespace millrace::testing
