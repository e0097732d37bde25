#include <gmock/gmock.h>

#include "millrace/base/error.h"
#include "tests/sim/scripted_venue.h"

namespace millrace::testing {
namespace {

using ::testing::ElementsAre;
using Terms = ScriptedVenue::Terms;

Terms probabilistic(double power) {
  Terms terms;
  terms.options.queue = QueueModel::probabilistic;
  terms.options.queue_power = power;
  return terms;
}

TEST(Maker, WaitsBehindTheSizeItSees) {
  ScriptedVenue venue(Terms{});
  venue.quote(0, 100, 5, 101, 5);
  const OrderId order = venue.limit(1, Side::buy, 4, 100);
  venue.trade(2, 100, 3, Side::sell);
  venue.trade(3, 100, 3, Side::sell);  // 2 for those before us, 1 for us
  venue.trade(4, 100, 9, Side::sell);
  venue.run_to(5);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted", "filled 1@100 maker", "filled 3@100 maker"));
}

TEST(Maker, IsNotFilledByATouch) {
  ScriptedVenue venue(Terms{});
  venue.quote(0, 100, 5, 101, 5);
  const OrderId order = venue.limit(1, Side::buy, 1, 100);
  venue.trade(2, 100, 5, Side::sell);
  venue.trade(3, 100, 5, Side::buy);  // a buyer takes no bid
  venue.quote(4, 99, 5, 100, 5);
  venue.run_to(5);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted"));
}

TEST(Maker, IsFilledByATradeThroughItUpToItsSize) {
  ScriptedVenue venue(Terms{});
  venue.quote(0, 100, 50, 101, 5);
  const OrderId order = venue.limit(1, Side::buy, 4, 100);
  venue.trade(2, 99, 3, Side::sell);
  venue.run_to(3);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted", "filled 3@100 maker"));
}

TEST(Maker, ThatImprovesTheTouchIsServedFirst) {
  ScriptedVenue venue(Terms{});
  venue.instrument = 1;
  venue.quote(0, 100, 50, 103, 5);
  const OrderId order = venue.limit(1, Side::sell, 4, 102);
  venue.trade(2, 102, 1, Side::buy);
  venue.trade(3, 103, 2, Side::buy);  // a buyer at 103 would have had ours at 102
  venue.run_to(4);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted", "filled 1@102 maker", "filled 2@102 maker"));
}

TEST(Maker, BehindTheTouchWaitsForTheSizeThatIsThereWhenTheTouchComes) {
  ScriptedVenue venue(Terms{});
  venue.quote(0, 100, 5, 101, 5);
  const OrderId order = venue.limit(1, Side::buy, 4, 99);
  venue.trade(2, 99, 100, Side::sell);  // its queue is not known yet
  venue.quote(3, 99, 2, 101, 5);
  venue.trade(4, 99, 3, Side::sell);
  venue.run_to(5);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted", "filled 1@99 maker"));
}

TEST(Maker, OneTradeIsSharedByPriceThenTime) {
  ScriptedVenue venue(Terms{});
  venue.quote(0, 100, 2, 105, 5);
  const OrderId first = venue.limit(1, Side::buy, 3, 100);
  const OrderId second = venue.limit(2, Side::buy, 3, 100);
  const OrderId better = venue.limit(3, Side::buy, 2, 101);
  venue.trade(4, 100, 8, Side::sell);  // 2 better, 2 before us, 3 first, 1 second
  venue.run_to(5);
  EXPECT_THAT(venue.story(better), ElementsAre("accepted", "filled 2@101 maker"));
  EXPECT_THAT(venue.story(first), ElementsAre("accepted", "filled 3@100 maker"));
  EXPECT_THAT(venue.story(second), ElementsAre("accepted", "filled 1@100 maker"));
  EXPECT_EQ(venue.position(), 6);
}

TEST(Maker, ConservativelyCancelsWereBehindUs) {
  ScriptedVenue venue(Terms{});
  venue.quote(0, 100, 10, 101, 5);
  const OrderId order = venue.limit(1, Side::buy, 1, 100);
  venue.quote(2, 100, 1, 101, 5);
  venue.trade(3, 100, 9, Side::sell);
  venue.run_to(4);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted"));
  venue.trade(5, 100, 2, Side::sell);
  venue.run_to(6);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted", "filled 1@100 maker"));
}

TEST(Maker, ProbabilisticallyCancelsAreSharedByPlace) {
  ScriptedVenue venue(probabilistic(1.0));
  venue.quote(0, 100, 10, 101, 5);
  const OrderId order = venue.limit(1, Side::buy, 1, 100);
  venue.quote(2, 100, 20, 101, 5);  // 10 before us, 10 behind
  venue.quote(3, 100, 12, 101, 5);  // 8 leave: 4 of each, so 6 before us
  venue.trade(40, 100, 6, Side::sell);
  venue.run_to(41);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted"));
  venue.trade(42, 100, 1, Side::sell);
  venue.run_to(43);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted", "filled 1@100 maker"));
}

TEST(Maker, WhatATradeExplainsIsNoCancel) {
  for (const bool is_quote_first : {false, true}) {
    ScriptedVenue venue(probabilistic(1.0));
    venue.quote(0, 100, 10, 101, 5);
    const OrderId order = venue.limit(1, Side::buy, 1, 100);
    venue.quote(2, 100, 20, 101, 5);
    if (is_quote_first) venue.quote(3, 100, 14, 101, 5);
    venue.trade(4, 100, 6, Side::sell);
    if (!is_quote_first) venue.quote(5, 100, 14, 101, 5);
    venue.trade(6, 100, 4, Side::sell);  // 10 have traded: all that was before us
    venue.run_to(7);
    EXPECT_THAT(venue.story(order), ElementsAre("accepted")) << is_quote_first;
    venue.trade(8, 100, 1, Side::sell);
    venue.run_to(9);
    EXPECT_THAT(venue.story(order), ElementsAre("accepted", "filled 1@100 maker")) << is_quote_first;
  }
}

TEST(Maker, IsFilledByAnOfferBelowIt) {
  ScriptedVenue venue(Terms{});
  venue.quote(0, 100, 5, 101, 5);
  const OrderId order = venue.limit(1, Side::buy, 4, 100);
  venue.quote(2, 98, 5, 99, 3);  // who offers at 99 would have sold to us
  venue.quote(3, 98, 6, 99, 3);  // the same offer again
  venue.run_to(4);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted", "filled 3@100 maker"));
}

TEST(Maker, IsNotFilledByACrossedBook) {
  ScriptedVenue venue(Terms{});
  venue.quote(0, 100, 5, 101, 5);
  const OrderId order = venue.limit(1, Side::buy, 4, 100);
  venue.quote(2, 102, 5, 99, 3);
  venue.run_to(3);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted"));
}

TEST(Maker, TradesWithoutSizeFillOnlyBeyondTheLimit) {
  ScriptedVenue venue(Terms{});
  venue.trade(0, 105, no_value, Side::unknown, Kind::bar);
  const OrderId order = venue.limit(1, Side::buy, 4, 100);
  venue.trade(2, 100, no_value, Side::unknown, Kind::bar);
  venue.run_to(3);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted"));
  venue.trade(4, 99, no_value, Side::unknown, Kind::bar);
  venue.run_to(5);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted", "filled 4@100 maker"));
  EXPECT_EQ(venue.exchange().stats().unsized_fills, 1U);
}

TEST(Maker, ATickerOnlyRestatesTheTradeThatWasThere) {
  ScriptedVenue venue(Terms{});
  venue.quote(0, 100, 1, 101, 5);
  const OrderId order = venue.limit(1, Side::buy, 4, 100);
  venue.trade(2, 99, 1, Side::sell);
  venue.trade(3, 99, 1, Side::sell, Kind::ticker);
  venue.run_to(4);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted", "filled 1@100 maker"));
}

TEST(Maker, QueueByLevelNeedsDepth) {
  Terms terms;
  terms.options.queue = QueueModel::by_level;
  EXPECT_THROW(ScriptedVenue{terms}, Error);
}

}  // namespace
}  // namespace millrace::testing
