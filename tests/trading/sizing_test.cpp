#include "millrace/trading/sizing.h"

#include "tests/trading/made_desk.h"

namespace millrace::testing {
namespace {

TEST(Sizing, AMoveOfKStandardDeviationsCostsTheRiskAndTheCapHolds) {
  MadeDesk desk;
  desk.row(one_second, 99.99, 100.01);
  // 1e6 * 0.0025 / (3 * 0.01) = 83,333.33 of notional at 100 USD and 1,000 lots each
  EXPECT_EQ(size_of({}, *desk, 0, 0.01), 833'333);
  EXPECT_EQ(size_of({}, *desk, 0, 0.01, 0.25), 208'333);
  const Lots capped = size_of({}, *desk, 0, 1e-6);
  EXPECT_NEAR(static_cast<double>(capped), 2'500'000.0, 1.0);
  EXPECT_LE(to_double(desk->spec(0).value_at(capped, 100.0)), 250'000.0);
  EXPECT_EQ(size_of({}, *desk, 0, 0.0), 0);
  EXPECT_EQ(size_of({}, *desk, 0, no_value), 0);
}

TEST(Sizing, TheLargestPositionPassesTheLimitOfTheSameShare) {
  for (int cents = 1; cents < 400; ++cents) {  // prices at which amounts are rounded in all ways
    MadeDesk desk;
    desk.row(one_second, 99.99 + 0.01 * cents, 100.01 + 0.01 * cents);
    const Lots size = size_of({}, *desk, 0, 1e-6);
    ASSERT_NE(desk->send(MadeDesk::market(Side::buy, size), {.why = "test", .is_entry = true}), 0U) << cents;
  }
}

TEST(Sizing, WithoutAPriceThereIsNoSize) {
  MadeDesk desk;
  EXPECT_EQ(size_of({}, *desk, 0, 0.01), 0);
}

}  // namespace
}  // namespace millrace::testing
