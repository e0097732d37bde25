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

}  // namespace
}  // namespace millrace::testing
