#include "millrace/trading/markouts.h"

#include <array>
#include <cmath>
#include <random>
#include <span>
#include <vector>

#include <gtest/gtest.h>

// Against the definition: the middle that held at a horizon is the last one that had come in by then, after the fill
// was known; without one it is the fill's own.

namespace millrace::testing {
namespace {

struct Mid {
  Nanos at;
  double value;
};

double expected(const FillRecord& fill, std::span<const Mid> later, Nanos horizon) {
  double mid = fill.fill.mid;
  for (const Mid& one : later) {
    if (one.at > fill.ts_venue + horizon) {
      return static_cast<double>(fill.fill.side) * (mid - fill.fill.mid) * 2.0;
    }
    mid = one.value;
  }
  return no_value;
}

TEST(Markouts, AreWhatTheMiddleWasAtEachHorizon) {
  std::mt19937_64 random(5);
  Markouts markouts;
  std::array<std::vector<Mid>, 2> mids;
  std::vector<FillRecord> sent, got;
  std::vector<std::size_t> mids_before;
  Nanos now = 0;
  for (int step = 0; step < 20'000; ++step) {
    now += static_cast<Nanos>(random() % (step % 1'000 == 0 ? 40'000'000'000 : 20'000'000));
    const InstrumentId id = random() % 2;
    if (random() % 20 == 0) {
      FillRecord fill{.fill = {.instrument = id, .side = random() % 2 == 0 ? Side::buy : Side::sell}, .ts_venue = now};
      fill.fill.mid = 100.0 + static_cast<double>(random() % 100);
      sent.push_back(fill);
      mids_before.push_back(mids[id].size());
      markouts.add(fill, 2.0);
    }
    mids[id].push_back({now, 100.0 + static_cast<double>(random() % 100)});
    if (markouts.waits_for(id)) markouts.on_mid(id, mids[id].back().value, now);
  }
  markouts.take(no_time, got);
  ASSERT_EQ(got.size(), sent.size());
  ASSERT_GT(got.size(), 500U);
  std::size_t known = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const auto later = std::span(mids[sent[i].fill.instrument]).subspan(mids_before[i]);
    const std::array values{got[i].markout_1s, got[i].markout_5s, got[i].markout_30s};
    for (std::size_t h = 0; h < values.size(); ++h) {
      const double wanted = expected(sent[i], later, Markouts::horizons[h]);
      ASSERT_EQ(std::isnan(values[h]), std::isnan(wanted)) << i << ' ' << h;
      if (std::isnan(wanted)) continue;
      ++known;
      ASSERT_DOUBLE_EQ(values[h], wanted) << i << ' ' << h;
    }
  }
  EXPECT_GT(known, 1'000U);
}

TEST(Markouts, TheOldestGoWhenTheyHaveWaitedOrWhenTooManyWait) {
  Markouts markouts;
  std::vector<FillRecord> got;
  const FillRecord fill{.fill = {.instrument = 0, .side = Side::buy, .mid = 100.0}, .ts_venue = one_second};
  EXPECT_FALSE(markouts.is_due(1'000 * one_second));
  markouts.add(fill, 1.0);
  EXPECT_FALSE(markouts.is_due(31 * one_second));
  EXPECT_TRUE(markouts.is_due(31 * one_second + 1));
  markouts.take(31 * one_second + 1, got);
  EXPECT_EQ(got.size(), 1U);
  EXPECT_FALSE(markouts.is_due(1'000 * one_second));
  for (std::size_t i = 0; i < Markouts::most_waiting; ++i) markouts.add(fill, 1.0);
  EXPECT_FALSE(markouts.is_due(2 * one_second));
  markouts.add(fill, 1.0);
  EXPECT_TRUE(markouts.is_due(2 * one_second));
  markouts.take(2 * one_second, got);
  EXPECT_EQ(got.size(), 2U);
  EXPECT_FALSE(markouts.is_due(2 * one_second));
}

}  // namespace
}  // namespace millrace::testing
