#include "millrace/base/workers.h"

#include <atomic>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(WorkersThread, DoAJobOnceEach) {
  Workers workers(4);
  ASSERT_EQ(workers.size(), 4U);
  std::vector<int> calls(4, 0);
  workers.run([&](std::size_t worker) { ++calls[worker]; });
  EXPECT_EQ(calls, std::vector<int>(4, 1));
}

TEST(WorkersThread, ShowTheirWritesToTheCallerInEveryOf1000Rounds) {
  Workers workers(3);
  std::vector<std::uint64_t> sums(3, 0);
  for (std::uint64_t round = 1; round <= 1000; ++round) {
    workers.run([&](std::size_t worker) { sums[worker] += round; });
    for (const std::uint64_t sum : sums) ASSERT_EQ(sum, round * (round + 1) / 2);
  }
}

TEST(WorkersThread, ThrowOnTheProblemOfAnyOneAndWorkOn) {
  Workers workers(3);
  for (std::size_t thrower = 0; thrower < 3; ++thrower) {
    std::atomic<int> others{0};
    EXPECT_THROW(workers.run([&](std::size_t worker) {
      if (worker == thrower) throw std::runtime_error("broken");
      ++others;
    }),
                 std::runtime_error);
    EXPECT_EQ(others, 2);
  }
  EXPECT_THROW(workers.run([](std::size_t) { throw std::runtime_error("all"); }), std::runtime_error);
  std::atomic<int> calls{0};
  workers.run([&](std::size_t) { ++calls; });
  EXPECT_EQ(calls, 3);
}

TEST(WorkersThread, MayBeOneOrNone) {
  for (const std::size_t count : {0U, 1U}) {
    Workers workers(count);
    EXPECT_EQ(workers.size(), 1U);
    int calls = 0;
    workers.run([&](std::size_t) { ++calls; });
    EXPECT_EQ(calls, 1);
  }
}

TEST(WorkersThread, EndWithoutEverWorking) {
  for (int i = 0; i < 50; ++i) Workers workers(4);
}

}  // namespace
}  // namespace millrace
