#include "millrace/kernels/crypto/liquidation_density.h"

#include <vector>

#include <gtest/gtest.h>

namespace millrace {
namespace {

// CR-8 of the spec.
TEST(LiquidationDensity, PricesAreThoseOfALinearContract) {
  EXPECT_NEAR(LiquidationDensity::long_price(100.0, 10.0, 0.005), 90.45226130653266, 1e-9);
  EXPECT_NEAR(LiquidationDensity::short_price(100.0, 10.0, 0.005), 109.45273631840796, 1e-9);
}

TEST(LiquidationDensity, CellsAreReadFromTheStateFromTheLowestUp) {
  LiquidationDensity::Params params{.bins = 20, .half_life = one_second};
  params.mix = {.count = 1, .of = {5.0}, .share = {1.0}};
  LiquidationDensity::State state;
  std::vector<double> ring(21, 0.0), cells(21, -1.0);
  const auto row = [&](double price, double interest, Nanos clock) {
    return LiquidationDensity::update(params, state, price, interest, Now{clock, 0}, observed, ring.data());
  };
  row(100.0, 500.0, 0);
  row(100.0, 503.0, 0);
  LiquidationDensity::density(params, state, ring.data(), one_second, cells);
  // Cells of ln 2 / 10: ln 100 lies in the 66th, 80.4 and 119.4 in the 63rd and the 68th.
  std::vector<double> expected(21, 0.0);
  expected[10 - 3] = expected[10 + 2] = 150.0;
  EXPECT_EQ(cells, expected);
  const std::array<double, 2> sums = row(125.0, 503.0, one_second);  // past the shorts
  EXPECT_EQ(sums[0], 150.0);
  EXPECT_EQ(sums[1], 0.0);
  row(300.0, 503.0, one_second);  // and out of the longs' range
  LiquidationDensity::density(params, state, ring.data(), one_second, cells);
  EXPECT_EQ(cells, std::vector<double>(21, 0.0));
}

}  // namespace
}  // namespace millrace
