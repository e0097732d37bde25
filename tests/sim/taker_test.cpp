#include <cmath>

#include <gmock/gmock.h>

#include "tests/sim/scripted_venue.h"

namespace millrace::testing {
namespace {

using ::testing::ElementsAre;

ScriptedVenue::Terms terms_of(Nanos order_latency, Nanos ack_latency) {
  ScriptedVenue::Terms terms;
  terms.options.order_latency.least = order_latency;
  terms.options.ack_latency.least = ack_latency;
  return terms;
}

TEST(Taker, MeetsTheBookAtItsArrivalNotAtItsDecision) {
  ScriptedVenue venue(terms_of(50 * one_ms, 30 * one_ms));
  venue.quote(0, 99, 10, 100, 10);
  const OrderId order = venue.market(1, Side::buy, 5);
  venue.quote(51, 101, 10, 102, 10);  // at the moment of its arrival
  venue.quote(52, 109, 10, 110, 10);
  EXPECT_TRUE(venue.events.empty());
  venue.run_to(82);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted", "filled 5@102"));
  EXPECT_EQ(venue.events[1].ts_venue, 51 * one_ms);
  EXPECT_EQ(venue.events[1].ts_local, 81 * one_ms);
  EXPECT_EQ(venue.events[1].fill.mid, 101.5);
  EXPECT_EQ(venue.events[1].fill.touch, 102.0);
}

TEST(Taker, GetsTheRestBeyondTheDisplayAtImpact) {
  ScriptedVenue venue(ScriptedVenue::Terms{});
  venue.quote(0, 999, 10, 1000, 4);
  const OrderId order = venue.market(1, Side::buy, 10);
  venue.run_to(2);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted", "filled 4@1000", "filled 6@1001"));  // 5 bps, rounded up
  EXPECT_EQ(venue.exchange().stats().assumed_impact_fills, 1U);
}

TEST(Taker, DoesNotFindASecondTimeWhatItTook) {
  ScriptedVenue venue(ScriptedVenue::Terms{});
  venue.quote(0, 999, 10, 1000, 4);
  venue.market(1, Side::buy, 3);
  const OrderId second = venue.market(2, Side::buy, 3);
  venue.quote(3, 999, 10, 1000, 4);  // the same quote again is no new offer
  const OrderId third = venue.market(4, Side::buy, 1);
  venue.quote(5, 999, 10, 1000, 5);
  const OrderId fourth = venue.market(6, Side::buy, 1);
  venue.run_to(7);
  EXPECT_THAT(venue.story(second), ElementsAre("accepted", "filled 1@1000", "filled 2@1001"));
  EXPECT_THAT(venue.story(third), ElementsAre("accepted", "filled 1@1001"));
  EXPECT_THAT(venue.story(fourth), ElementsAre("accepted", "filled 1@1000"));
}

TEST(Taker, AtALimitTakesWhatItAllowsAndWaitsWithTheRest) {
  ScriptedVenue venue(ScriptedVenue::Terms{});
  venue.quote(0, 999, 10, 1000, 4);
  const OrderId order = venue.limit(1, Side::buy, 10, 1000);
  venue.trade(2, 1000, 3, Side::sell);
  venue.run_to(3);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted", "filled 4@1000", "filled 3@1000 maker"));
}

TEST(Taker, WithoutQuotesGetsTheNextTradeOrWorse) {
  ScriptedVenue venue(ScriptedVenue::Terms{});
  venue.trade(0, 10'000, 5);
  const OrderId order = venue.market(1, Side::buy, 4);
  venue.run_to(9);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted"));
  venue.trade(10, 10'100, 3);
  venue.run_to(11);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted", "filled 3@10106", "filled 1@10112"));
  EXPECT_EQ(venue.exchange().stats().unquoted_fills, 2U);
}

TEST(Taker, SellsAgainstTheBid) {
  ScriptedVenue venue(ScriptedVenue::Terms{});
  venue.quote(0, 1000, 2, 1001, 9);
  venue.market(1, Side::buy, 5);
  const OrderId order = venue.market(2, Side::sell, 5);
  venue.run_to(3);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted", "filled 2@1000", "filled 3@999"));
  EXPECT_EQ(venue.position(), 0);
}

TEST(Taker, PaysTheSquareRootLawOnceTheMarketIsKnown) {
  const InstrumentSpec spec = ScriptedVenue::spec("A-USD", Contract::spot);
  const TakerMarket market{.side = Side::buy,
                           .touch = 1'000'000,
                           .displayed = 50,
                           .impact = {.y = 1.0, .sigma_day = 0.04, .volume_day = 1e6}};
  const TakerPlan plan = plan_taker(market, spec, 150, std::nullopt);
  EXPECT_EQ(plan.touch.size, 50);
  EXPECT_EQ(plan.beyond.size, 100);
  EXPECT_EQ(plan.beyond.price, 1'000'400);  // 0.04 * sqrt(100 / 1e6) = 4 bps

  // What a limit at that price allows is that size; half the distance, a quarter of it.
  EXPECT_EQ(plan_taker(market, spec, 1000, 1'000'400).beyond.size, 100);
  EXPECT_EQ(plan_taker(market, spec, 1000, 1'000'200).beyond.size, 25);
  EXPECT_EQ(plan_taker(market, spec, 1000, 1'000'000).total(), 50);
  EXPECT_EQ(plan_taker(market, spec, 1000, 999'999).total(), 0);
}

TEST(Taker, InPiecesPaysNoLessThanAtOnce) {
  const InstrumentSpec spec = ScriptedVenue::spec("A-USD", Contract::spot);
  TakerMarket market{.side = Side::sell,
                     .touch = 1'000'000,
                     .displayed = 0,
                     .impact = {.y = 1.0, .sigma_day = 0.04, .volume_day = 1e6}};
  const TakerPlan whole = plan_taker(market, spec, 100, std::nullopt);
  EXPECT_EQ(whole.beyond.price, 999'600);  // 1e6 / 1.0004, rounded down
  market.beyond = 90;
  EXPECT_EQ(plan_taker(market, spec, 10, std::nullopt).beyond.price, whole.beyond.price);
}

TEST(Taker, LearnsVolatilityAndVolumeFromTheRows) {
  VenueMarket market;
  for (int i = 0; i <= 60; ++i) {
    MarketRow row{.kind = Kind::trade, .ts_event = i * 10 * one_second, .price = 100.0, .size = 2.0};
    row.bid = i % 2 == 0 ? 99.0 : 99.0 * 1.001;
    row.ask = i % 2 == 0 ? 101.0 : 101.0 * 1.001;
    market.on_row(row);
    EXPECT_EQ(market.impact(InstrumentSpec{}, 1.0, 5.0).is_known(), i >= Activity::least_samples) << i;
  }
  const ImpactLaw law = market.impact(InstrumentSpec{}, 1.0, 5.0);
  EXPECT_NEAR(law.sigma_day, std::log(1.001) * std::sqrt(8640.0), 1e-12);
  EXPECT_NEAR(law.volume_day, 2.0 * 8640.0, 1e-6);
  market.row.vol_24h = 500.0;  // what the venue says counts
  EXPECT_EQ(market.impact(InstrumentSpec{}, 1.0, 5.0).volume_day, 500.0);
}

TEST(Taker, WaitsUntilAGapIsOver) {
  ScriptedVenue venue(ScriptedVenue::Terms{});
  venue.quote(0, 999, 50, 1000, 50);
  venue.last().kind = Kind::gap;
  venue.stamp(10);
  const OrderId order = venue.market(11, Side::buy, 4);
  const OrderId all = venue.send(12, [] {
    Order made = ScriptedVenue::made(Side::buy, 60, OrderType::limit, 1200);
    made.time_in_force = TimeInForce::fok;
    return made;
  }());
  const OrderId dropped = venue.market(13, Side::buy, 4);
  venue.run_to(14);
  venue.exchange().cancel(dropped, 14 * one_ms);
  venue.run_to(20);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted"));
  venue.quote(21, 1099, 50, 1199, 50);
  venue.run_to(22);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted", "filled 4@1199"));
  EXPECT_THAT(venue.story(all), ElementsAre("accepted", "filled 46@1199", "filled 14@1200"));
  EXPECT_THAT(venue.story(dropped), ElementsAre("accepted", "cancelled by_request left 4"));
}

TEST(Taker, GetsTheWorsePriceOfACrossedBook) {
  ScriptedVenue venue(ScriptedVenue::Terms{});
  venue.quote(0, 1005, 50, 1000, 50);
  const OrderId order = venue.market(1, Side::buy, 4);
  venue.run_to(2);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted", "filled 4@1005"));
}

}  // namespace
}  // namespace millrace::testing
