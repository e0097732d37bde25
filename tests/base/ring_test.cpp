#include "millrace/base/ring.h"

#include <deque>
#include <random>

#include <gtest/gtest.h>

namespace millrace::testing {
namespace {

TEST(Ring, GivesWhatADequeGives) {
  std::mt19937_64 random(11);
  Ring<int> ring;
  std::deque<int> expected;
  int next = 0;
  for (int step = 0; step < 200'000; ++step) {
    const bool is_filling = step / 3000 % 2 == 0;  // long enough to grow several times, around its end too
    if (random() % 10 < (is_filling ? 7U : 3U)) {
      ring.push() = next;
      expected.push_back(next++);
    } else if (!expected.empty()) {
      ASSERT_EQ(ring.front(), expected.front());
      ring.pop();
      expected.pop_front();
    }
    ASSERT_EQ(ring.size(), expected.size());
    ASSERT_EQ(ring.empty(), expected.empty());
    if (!expected.empty()) {
      ASSERT_EQ(ring.front(), expected.front());
    }
  }
  EXPECT_GT(next, 50'000);
}

TEST(Ring, WhatWasPoppedCanBeReadUntilTheNextPush) {
  Ring<int> ring;
  ring.push() = 5;
  const int& popped = ring.front();
  ring.pop();
  EXPECT_TRUE(ring.empty());
  EXPECT_EQ(popped, 5);
}

}  // namespace
}  // namespace millrace::testing
