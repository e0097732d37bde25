#include <gmock/gmock.h>

#include "millrace/base/error.h"
#include "tests/sim/scripted_venue.h"

namespace millrace::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;
using Terms = ScriptedVenue::Terms;

Terms slow(Nanos order_latency, Nanos ack_latency) {
  Terms terms;
  terms.options.order_latency.least = order_latency;
  terms.options.ack_latency.least = ack_latency;
  return terms;
}

Order with(Order order, TimeInForce time) {
  order.time_in_force = time;
  return order;
}

Order limit_order(Side side, Lots size, Ticks price) {
  return ScriptedVenue::made(side, size, OrderType::limit, price);
}

TEST(VenueOrders, ImmediateOrCancelDropsTheRest) {
  ScriptedVenue venue(Terms{});
  venue.quote(0, 999, 5, 1000, 4);
  const OrderId some = venue.send(1, with(limit_order(Side::buy, 9, 1000), TimeInForce::ioc));
  const OrderId none = venue.send(2, with(limit_order(Side::buy, 9, 999), TimeInForce::ioc));
  venue.run_to(3);
  EXPECT_THAT(venue.story(some), ElementsAre("accepted", "filled 4@1000", "cancelled unfilled_rest left 5"));
  EXPECT_THAT(venue.story(none), ElementsAre("accepted", "cancelled unfilled_rest left 9"));
}

TEST(VenueOrders, FillOrKillIsAllOrNothing) {
  ScriptedVenue venue(Terms{});
  venue.quote(0, 999, 5, 1000, 4);
  const OrderId much = venue.send(1, with(limit_order(Side::buy, 5, 1000), TimeInForce::fok));
  const OrderId fits = venue.send(2, with(limit_order(Side::buy, 4, 1000), TimeInForce::fok));
  venue.run_to(3);
  EXPECT_THAT(venue.story(much), ElementsAre("rejected not_fillable"));
  EXPECT_THAT(venue.story(fits), ElementsAre("accepted", "filled 4@1000"));
}

TEST(VenueOrders, PostOnlyNeverTakes) {
  ScriptedVenue venue(Terms{});
  venue.quote(0, 99, 5, 101, 4);
  Order order = limit_order(Side::buy, 1, 101);
  order.is_post_only = true;
  const OrderId taking = venue.send(1, order);
  order.limit = 100;
  const OrderId resting = venue.send(2, order);
  venue.run_to(3);
  venue.exchange().amend(resting, 101, 1, 3 * one_ms);
  venue.run_to(4);
  EXPECT_THAT(venue.story(taking), ElementsAre("rejected would_take"));
  EXPECT_THAT(venue.story(resting), ElementsAre("accepted", "amend_rejected would_take"));
}

TEST(VenueOrders, WithBadTermsAreRejectedAfterTheLatency) {
  ScriptedVenue venue(slow(10 * one_ms, 5 * one_ms));
  venue.specs()[0].min_size = 2;
  venue.specs()[0].min_notional = 500 * one_unit;
  venue.quote(0, 99, 5, 100, 400);
  const OrderId no_price = venue.limit(1, Side::buy, 10, 0);
  const OrderId no_size = venue.market(1, Side::buy, 0);
  const OrderId small = venue.market(1, Side::buy, 1);
  const OrderId cheap = venue.limit(1, Side::buy, 5, 99);
  const OrderId rich = venue.limit(1, Side::buy, 1'000'000, 99);
  const OrderId none_held = venue.limit(1, Side::sell, 10, 101);
  const OrderId no_trigger = venue.send(1, ScriptedVenue::made(Side::sell, 10, OrderType::stop, 0));
  venue.run_to(16);
  EXPECT_TRUE(venue.events.empty());
  venue.run_to(17);
  EXPECT_THAT(venue.story(no_price), ElementsAre("rejected bad_price"));
  EXPECT_THAT(venue.story(no_size), ElementsAre("rejected bad_size"));
  EXPECT_THAT(venue.story(small), ElementsAre("rejected bad_size"));
  EXPECT_THAT(venue.story(cheap), ElementsAre("rejected below_minimum_notional"));
  EXPECT_THAT(venue.story(rich), ElementsAre("rejected insufficient_balance"));
  EXPECT_THAT(venue.story(none_held), ElementsAre("rejected insufficient_balance"));
  EXPECT_THAT(venue.story(no_trigger), ElementsAre("rejected bad_price"));
  EXPECT_EQ(venue.exchange().stats().rejected, 7U);
}

TEST(VenueOrders, BeyondTheLimitOfOpenOnesAreRejected) {
  Terms terms;
  terms.options.most_open_orders = 3;
  ScriptedVenue venue(terms);
  venue.quote(0, 99, 5, 100, 4);
  for (int i = 0; i < 3; ++i) venue.limit(1, Side::buy, 1, 90);
  const OrderId fourth = venue.limit(2, Side::buy, 1, 90);
  venue.run_to(3);
  EXPECT_THAT(venue.story(fourth), ElementsAre("rejected too_many_orders"));
}

TEST(VenueOrders, BeforeAnyPriceHaveNoMarket) {
  ScriptedVenue venue(Terms{});
  const OrderId order = venue.market(1, Side::buy, 1);
  venue.run_to(2);
  EXPECT_THAT(venue.story(order), ElementsAre("rejected no_market"));
}

TEST(VenueOrders, ACancelMayComeTooLate) {
  ScriptedVenue venue(slow(10 * one_ms, 0));
  venue.quote(0, 100, 0, 101, 4);
  const OrderId order = venue.limit(1, Side::buy, 2, 100);
  venue.trade(15, 100, 1, Side::sell);
  venue.exchange().cancel(order, 16 * one_ms);
  venue.trade(20, 100, 1, Side::sell);
  venue.run_to(30);
  EXPECT_THAT(venue.story(order),
              ElementsAre("accepted", "filled 1@100 maker", "filled 1@100 maker", "cancel_rejected unknown_order"));
  const OrderId other = venue.limit(31, Side::buy, 2, 100);
  venue.run_to(45);
  venue.exchange().cancel(other, 45 * one_ms);
  venue.trade(50, 100, 1, Side::sell);
  venue.trade(60, 99, 5, Side::sell);
  venue.run_to(61);
  EXPECT_THAT(venue.story(other), ElementsAre("accepted", "filled 1@100 maker", "cancelled by_request left 1"));
}

TEST(VenueOrders, AnAmendMayComeTooLateAsWell) {
  ScriptedVenue venue(slow(10 * one_ms, 0));
  venue.quote(0, 100, 0, 101, 4);
  const OrderId order = venue.limit(1, Side::buy, 2, 100);
  venue.run_to(12);
  venue.exchange().amend(order, 99, 2, 12 * one_ms);
  venue.trade(15, 99, 5, Side::sell);
  venue.run_to(30);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted", "filled 2@100 maker", "amend_rejected unknown_order"));
}

TEST(VenueOrders, AmendedToASmallerSizeKeepTheirPlace) {
  for (const bool is_smaller : {false, true}) {
    ScriptedVenue venue(Terms{});
    venue.quote(0, 100, 2, 101, 4);
    const OrderId order = venue.limit(1, Side::buy, 4, 100);
    venue.quote(2, 100, 50, 101, 4);
    venue.exchange().amend(order, 100, is_smaller ? 3 : 5, 3 * one_ms);
    venue.trade(4, 100, 3, Side::sell);
    venue.run_to(5);
    if (is_smaller) {
      EXPECT_THAT(venue.story(order), ElementsAre("accepted", "amended", "filled 1@100 maker"));
    } else {
      EXPECT_THAT(venue.story(order), ElementsAre("accepted", "amended"));
    }
  }
}

TEST(VenueOrders, AmendedThroughTheBookTake) {
  ScriptedVenue venue(Terms{});
  venue.quote(0, 100, 2, 101, 4);
  const OrderId order = venue.limit(1, Side::buy, 4, 100);
  venue.run_to(2);
  venue.exchange().amend(order, 101, 4, 2 * one_ms);
  venue.run_to(3);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted", "amended", "filled 4@101"));
}

TEST(VenueOrders, NeverMeetEachOther) {
  ScriptedVenue venue(Terms{});
  venue.instrument = 1;
  venue.quote(0, 100, 2, 110, 4);
  const OrderId old_ask = venue.limit(1, Side::sell, 4, 105);
  const OrderId far_ask = venue.limit(1, Side::sell, 4, 112);
  const OrderId bid = venue.limit(2, Side::buy, 4, 106);
  venue.run_to(3);
  EXPECT_THAT(venue.story(old_ask), ElementsAre("accepted", "cancelled self_trade left 4"));
  EXPECT_THAT(venue.story(far_ask), ElementsAre("accepted"));
  EXPECT_THAT(venue.story(bid), ElementsAre("accepted"));
}

TEST(VenueOrders, ReduceOnlyIsCutToThePosition) {
  ScriptedVenue venue(Terms{});
  venue.instrument = 1;
  venue.quote(0, 100, 50, 101, 50);
  Order order = ScriptedVenue::made(Side::sell, 5, OrderType::market, 0);
  order.is_reduce_only = true;
  const OrderId flat = venue.send(1, order);
  venue.market(2, Side::buy, 3);
  const OrderId cut = venue.send(3, order);
  venue.run_to(4);
  EXPECT_THAT(venue.story(flat), ElementsAre("rejected would_not_reduce"));
  EXPECT_THAT(venue.story(cut), ElementsAre("accepted", "filled 3@100"));
  EXPECT_EQ(venue.position(), 0);
}

TEST(VenueOrders, ReduceOnlyEndsWithThePosition) {
  ScriptedVenue venue(Terms{});
  venue.instrument = 1;
  venue.quote(0, 100, 50, 101, 50);
  venue.market(1, Side::buy, 3);
  Order order = limit_order(Side::sell, 3, 105);
  order.is_reduce_only = true;
  const OrderId profit = venue.send(2, order);
  venue.market(3, Side::sell, 3);
  venue.run_to(4);
  EXPECT_THAT(venue.story(profit), ElementsAre("accepted", "cancelled would_not_reduce left 3"));
}

TEST(Stops, FillAtTheGappedPriceNotAtTheTrigger) {
  ScriptedVenue venue(Terms{});
  venue.quote(0, 1000, 50, 1001, 50);
  venue.trade(1, 1000, 1);
  venue.market(2, Side::buy, 5);
  const OrderId stop = venue.send(3, ScriptedVenue::made(Side::sell, 5, OrderType::stop, 990));
  venue.trade(4, 991, 2, Side::sell);
  venue.trade(5, 950, 2, Side::sell);  // the quote has yet to follow
  venue.run_to(6);
  EXPECT_THAT(venue.story(stop), ElementsAre("accepted", "filled 2@950", "filled 3@949"));
}

TEST(Stops, WithoutTradesWatchTheFarQuote) {
  ScriptedVenue venue(Terms{});
  venue.quote(0, 1000, 50, 1001, 50);
  venue.market(1, Side::buy, 5);
  const OrderId stop = venue.send(2, ScriptedVenue::made(Side::sell, 5, OrderType::stop, 990));
  venue.quote(3, 991, 50, 992, 50);
  venue.quote(4, 985, 50, 986, 50);
  venue.run_to(5);
  EXPECT_THAT(venue.story(stop), ElementsAre("accepted", "filled 5@985"));
}

TEST(Stops, BuyAboveTheMarket) {
  ScriptedVenue venue(Terms{});
  venue.instrument = 1;
  venue.quote(0, 1000, 50, 1001, 50);
  venue.trade(1, 1000, 1);
  const OrderId stop = venue.send(2, ScriptedVenue::made(Side::buy, 5, OrderType::stop, 1010));
  venue.quote(3, 1020, 50, 1021, 50);  // trades decide, once there are some
  venue.run_to(4);
  EXPECT_THAT(venue.story(stop), ElementsAre("accepted"));
  venue.trade(5, 1020, 1);
  venue.run_to(6);
  EXPECT_THAT(venue.story(stop), ElementsAre("accepted", "filled 5@1021"));
}

TEST(Stops, TrailTheBestPrice) {
  ScriptedVenue venue(Terms{});
  venue.trade(0, 10'000, 50);
  venue.market(1, Side::buy, 5);
  venue.trade(2, 10'000, 50);
  const OrderId stop = venue.send(3, ScriptedVenue::made(Side::sell, 5, OrderType::trailing_stop, 100));
  venue.trade(4, 10'200, 50);
  venue.trade(5, 10'101, 50);
  venue.run_to(6);
  EXPECT_THAT(venue.story(stop), ElementsAre("accepted"));
  venue.trade(7, 10'100, 50);
  venue.run_to(8);
  EXPECT_THAT(venue.story(stop), ElementsAre("accepted", "filled 5@10094"));  // half the assumed spread below
}

TEST(Stops, OfWhatIsNotHeldEndWithoutATrade) {
  ScriptedVenue venue(Terms{});
  venue.quote(0, 1000, 50, 1001, 50);
  const OrderId stop = venue.send(2, ScriptedVenue::made(Side::sell, 5, OrderType::stop, 990));
  venue.quote(3, 980, 50, 981, 50);
  venue.run_to(4);
  EXPECT_THAT(venue.story(stop), ElementsAre("accepted", "cancelled insufficient_balance left 5"));
}

TEST(VenueOrders, OfAVenueWithoutFeesEndTheRun) {
  ScriptedVenue venue(Terms{});
  venue.specs().push_back(ScriptedVenue::spec("D-USD", Contract::spot));
  venue.specs().back().venue = "elsewhere";
  venue.instrument = 3;
  venue.quote(0, 99, 5, 100, 4);
  try {
    venue.market(1, Side::buy, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), StartsWith("fees: expected a table of venue `elsewhere`"));
  }
}

}  // namespace
}  // namespace millrace::testing
