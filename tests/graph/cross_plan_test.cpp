#include <gmock/gmock.h>

#include "millrace/base/error.h"
#include "millrace/engine/leg_text.h"
#include "tests/graph/cross_rows.h"

namespace millrace::testing {
namespace {

using ::testing::HasSubstr;

FeatureSet set_of(const std::string& features, const std::string& venues = "") {
  return parse_feature_text(
      "[legs]\nperp = \"v:B-Q:PERP\"\nspot = \"w:B-Q\"\nnone = \"\"\n" + venues + "[features]\n" + features, "my.toml");
}

std::string problem_of(const std::string& expression, const std::string& venues = "") {
  try {
    make_cross_plan(set_of("v = \"" + expression + "\"\n", venues));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(CrossPlan, WhatCannotBePairedIsRefused) {
  EXPECT_THAT(
      problem_of("fx_beta(log_returns(x.price), log_returns(spot.price))"),
      HasSubstr("my.toml:6:6: `v`: fx_beta pairs its inputs: expected grid() on each leg, or asof() on all but one"));
  EXPECT_THAT(problem_of("rolling_corr(x.price, grid(spot.price, every=1s))"), HasSubstr("pairs its inputs"));
  EXPECT_EQ(problem_of("fx_beta(log_returns(x.price), asof(spot.ret_1m, tolerance=1s))").find("pairs"),
            std::string::npos);
  EXPECT_EQ(problem_of("fx_beta(x.price, asof(spot.price, tolerance=1s))"), "");
  EXPECT_EQ(problem_of("fx_beta(grid(x.price, every=1s), grid(spot.price, every=1s))"), "");
  EXPECT_THAT(problem_of("2*asof(spot.price, tolerance=1s)"), HasSubstr("expected a leg outside asof()"));
  EXPECT_THAT(problem_of("asof(perp.price, tolerance=1s)*asof(spot.price, tolerance=1s)"),
              HasSubstr("expected a leg outside asof()"));
  EXPECT_EQ(problem_of("x.price/(asof(perp.price, tolerance=1s)*asof(spot.price, tolerance=1s))"), "");
  EXPECT_THAT(problem_of("x.price - ema(asof(spot.price, tolerance=1s))"), HasSubstr("expected a leg outside asof()"));
  EXPECT_THAT(problem_of("x.price - post.price"), HasSubstr("unknown name `post`"));
  EXPECT_THAT(problem_of("asof(1, tolerance=1s) + x.price"), HasSubstr("asof takes a value of a leg"));
}

TEST(CrossPlan, ExpectsAtMostEightLegs) {
  std::string legs = "[legs]\n", sum = "x.price";
  for (int leg = 0; leg < 8; ++leg) {
    legs += "l" + std::to_string(leg) + " = \"v:A" + std::to_string(leg) + "-Q\"\n";
    sum += " + l" + std::to_string(leg) + ".price";
  }
  try {
    make_cross_plan(parse_feature_text(legs + "[features]\nv = \"" + sum + "\"\n", "my.toml"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("expected at most 8 legs in its features, were 9: x, l0, l1"));
  }
}

TEST(CrossPlan, AFeatureOfALegThatIsNotConfiguredIsNullAndSaysWhy) {
  CrossRun run(set_of("v = \"x.price - none.price\"\nw = \"spot.price\"\n"), {"w:B-Q"});
  EXPECT_EQ(run.plan().all->features[0].why_null, "leg `none` is not configured");
  EXPECT_EQ(run.plan().all->features[1].why_null, "");
  const std::vector<double> values = run.values(hand_rows({{0, 1, 5}, {0, 2, 6}}), "v");
  EXPECT_TRUE(std::isnan(values[0]) && std::isnan(values[1]));
  EXPECT_EQ(run.values(hand_rows({{0, 1, 5}, {0, 2, 6}}), "w"), (std::vector<double>{5, 6}));
}

TEST(CrossPlan, ALegOfWhichNoRowCameIsKnown) {
  CrossRun run(set_of("v = \"x.price - asof(spot.price, tolerance=1s)\"\nw = \"perp.price - spot.price\"\n"),
               {"w:B-Q", "v:B-Q:PERP"});
  run.play(hand_rows({{0, 1, 5}}), 1);
  ASSERT_EQ(run.graph().unmet_legs().size(), 1U);
  EXPECT_EQ(run.graph().unmet_legs()[0].name, "perp");
  run.play(hand_rows({{0, 1, 5}, {1, 1, 5}}), 1);
  EXPECT_TRUE(run.graph().unmet_legs().empty());
  run.restart();
  EXPECT_TRUE(run.graph().unmet_legs().empty()) << "what came before counts";
}

const std::string carry =
    "cash_and_carry_edge(perp.price, spot.price, 0*perp.price, interval=8h, fee_bps=venue, other_bps=venue)"
    ".carry_edge_bps";

TEST(CrossPlan, FeesAreThoseOfTheLegsVenues) {
  const std::string venues = "[venues.v]\nfee_bps = 4\nother_bps = 1.5\n[venues.w]\nfee_bps = 10\n";
  CrossRun run(set_of("v = \"" + carry + "\"\n", venues), {"v:B-Q:PERP", "w:B-Q"});
  // 100 bps of basis, fees of 4 and 10 in and out, and 1.5.
  EXPECT_NEAR(run.values(hand_rows({{1, 1, 100}, {0, 2, 101}}), "v")[1], 100.0 - 28.0 - 1.5, 1e-12);
}

TEST(CrossPlan, AVenueWithoutFeesIsRefused) {
  EXPECT_THAT(problem_of(carry, "[venues.v]\nfee_bps = 4\n"),
              HasSubstr("fee_bps=venue: leg spot is on `w`; expected a table [venues.w] with fee_bps"));
  EXPECT_THAT(problem_of("cash_and_carry_edge(x.price, spot.price, 0, interval=8h, fee_bps=venue).carry_edge_bps"),
              HasSubstr("fee_bps=venue: expected configured legs, was x"));
  EXPECT_THAT(problem_of("price", "[venues.v]\nother_bps = 4\n"), HasSubstr("expected `fee_bps`, was none"));
  EXPECT_THAT(problem_of("price", "[venues.v]\nfee_bps = \"4\"\n"), HasSubstr("expected a number of bps"));
  EXPECT_THAT(problem_of("price", "[venues]\nv = 4\n"), HasSubstr("expected a table with fee_bps and other_bps"));
}

TEST(CrossPlan, AnExpiryHasToBeGivenAndIsATime) {
  EXPECT_THAT(problem_of("basis_annualized(perp.price, spot.price)"),
              HasSubstr("expected expiry=, a column or a name"));
  EXPECT_THAT(problem_of("basis_annualized(perp.price, spot.price, expiry=5)"), HasSubstr("expiry must be a column"));
  EXPECT_THAT(problem_of("basis_annualized(perp.price, spot.price, expiry=spot.price)"),
              HasSubstr("expiry must be a time"));
}

TEST(CrossPlan, AnotherInstrumentAsLegIsAnotherPlan) {
  FeatureSet one = set_of("v = \"x.price - asof(spot.price, tolerance=1s)\"\n"), other = one;
  set_leg(other, "spot=w:C-Q");
  EXPECT_NE(make_cross_plan(one).all->fingerprint, make_cross_plan(other).all->fingerprint);
}

TEST(CrossPlan, ANameMeansWhatItsExpressionWouldInItsPlace) {
  const auto plan_of = [](const std::string& lets, const std::string& feature) {
    return make_cross_plan(parse_feature_text(
        "[legs]\nperp = \"v:B-Q:PERP\"\nspot = \"w:B-Q\"\n[let]\n" + lets + "[features]\nz = \"" + feature + "\"\n",
        "my.toml"));
  };
  const CrossPlan named = plan_of("y = \"ln(grid(perp.price, every=1s))\"\nx_ = \"ln(grid(spot.price, every=1s))\"\n",
                                  "kalman_hedge_ratio(y, x_).kalman_z");
  const CrossPlan inlined =
      plan_of("", "kalman_hedge_ratio(ln(grid(perp.price, every=1s)), ln(grid(spot.price, every=1s))).kalman_z");
  ASSERT_NE(named.fixed, nullptr);
  EXPECT_EQ(named.fixed->nodes.size(), inlined.fixed->nodes.size());
  EXPECT_EQ(named.fixed->fingerprint, inlined.fixed->fingerprint);
}

}  // namespace
}  // namespace millrace::testing
