#include <gmock/gmock.h>

#include "tests/sim/scripted_venue.h"

namespace millrace::testing {
namespace {

using ::testing::ElementsAre;
using Terms = ScriptedVenue::Terms;

constexpr std::int64_t one_hour_ms = 3'600'000;

std::vector<std::string> payments(const ScriptedVenue& venue) {
  std::vector<std::string> lines;
  for (const ExchangeEvent& event : venue.events) {
    if (event.type == ExchangeEvent::Type::funding || event.type == ExchangeEvent::Type::borrow) {
      lines.push_back(ScriptedVenue::told(event));
    }
  }
  return lines;
}

TEST(Spot, IsPaidInFullWithItsFee) {
  Terms terms{.maker_bps = -1.0, .taker_bps = 10.0, .cash = 1001.00000001};
  ScriptedVenue venue(terms);
  venue.quote(0, 99, 50, 100, 50);
  venue.market(1, Side::buy, 10);
  venue.run_to(2);
  EXPECT_EQ(venue.position(), 10);
  EXPECT_EQ(venue.ours().cash("v", "USD"), 1);  // a unit is kept for rounding
  venue.limit(3, Side::sell, 10, 100);
  venue.trade(4, 101, 10, Side::buy);
  venue.run_to(5);
  EXPECT_NEAR(venue.cash(), 1000.1, 1e-7);  // with a rebate of 1 bp
}

TEST(Spot, OpenOrdersHoldTheirCash) {
  ScriptedVenue venue(Terms{.cash = 1000.0});
  venue.quote(0, 99, 50, 100, 50);
  const OrderId first = venue.limit(1, Side::buy, 6, 99);
  const OrderId second = venue.limit(1, Side::buy, 6, 98);
  venue.run_to(2);
  venue.exchange().cancel(first, 2 * one_ms);
  const OrderId third = venue.limit(3, Side::buy, 6, 98);
  venue.run_to(4);
  EXPECT_THAT(venue.story(first), ElementsAre("accepted", "cancelled by_request left 6"));
  EXPECT_THAT(venue.story(second), ElementsAre("rejected insufficient_balance"));
  EXPECT_THAT(venue.story(third), ElementsAre("accepted"));
}

TEST(Spot, OpenOrdersHoldWhatTheySell) {
  ScriptedVenue venue(Terms{});
  venue.quote(0, 99, 50, 100, 50);
  venue.market(1, Side::buy, 10);
  venue.limit(2, Side::sell, 7, 105);
  const OrderId rest = venue.limit(2, Side::sell, 4, 106);
  venue.run_to(3);
  EXPECT_THAT(venue.story(rest), ElementsAre("rejected insufficient_balance"));
}

TEST(Spot, ShortNeedsABorrowRateAndCollateral) {
  Terms terms{.borrow_apr = 0.10, .cash = 1000.0};
  ScriptedVenue venue(terms);
  venue.quote(0, 100, 50, 101, 50);
  const OrderId too_much = venue.market(1, Side::sell, 11);
  const OrderId fits = venue.market(2, Side::sell, 9);
  const OrderId more = venue.market(3, Side::sell, 2);
  const OrderId back = venue.market(4, Side::buy, 9);
  venue.run_to(5);
  EXPECT_THAT(venue.story(too_much), ElementsAre("rejected insufficient_margin"));
  EXPECT_THAT(venue.story(fits), ElementsAre("accepted", "filled 9@100"));
  EXPECT_THAT(venue.story(more), ElementsAre("rejected insufficient_margin"));
  EXPECT_THAT(venue.story(back), ElementsAre("accepted", "filled 9@101"));
  EXPECT_DOUBLE_EQ(venue.cash(), 991.0);
}

TEST(Spot, BorrowedPaysInterestAtTheHourForTheTimeItWasHeld) {
  Terms terms{.borrow_apr = 0.10, .cash = 10'000.0};
  ScriptedVenue venue(terms);
  venue.quote(0, 100, 50, 100.5, 50);
  venue.last().mark_price = 100.0;
  venue.stamp(1);
  venue.market(one_hour_ms / 2, Side::sell, 10);
  venue.run_to(one_hour_ms);
  EXPECT_TRUE(payments(venue).empty());
  venue.run_to(2 * one_hour_ms + one_hour_ms / 4);
  venue.market(2 * one_hour_ms + one_hour_ms / 4, Side::buy, 10);
  venue.run_to(9 * one_hour_ms);
  // 10 * 100 * 0.10 / 8760 an hour = 0.011415525
  EXPECT_THAT(payments(venue), ElementsAre("borrow -0.00570776", "borrow -0.01141553", "borrow -0.00285388"));
}

TEST(Derivative, TakesMarginForPositionsAndOrders) {
  ScriptedVenue venue(Terms{.cash = 100.0});  // times 10
  venue.instrument = 1;
  venue.quote(0, 100, 50, 101, 50);
  venue.last().mark_price = 100.0;
  venue.stamp(1);
  const OrderId first = venue.market(2, Side::buy, 6);
  const OrderId bid = venue.limit(3, Side::buy, 3, 99);
  const OrderId more = venue.limit(4, Side::buy, 2, 99);
  const OrderId ask = venue.limit(5, Side::sell, 12, 105);  // 6 close, 6 open the other way
  const OrderId too_much = venue.limit(6, Side::sell, 4, 106);
  venue.run_to(7);
  EXPECT_THAT(venue.story(first), ElementsAre("accepted", "filled 6@101"));
  EXPECT_THAT(venue.story(bid), ElementsAre("accepted"));
  EXPECT_THAT(venue.story(more), ElementsAre("rejected insufficient_margin"));
  EXPECT_THAT(venue.story(ask), ElementsAre("accepted"));
  EXPECT_THAT(venue.story(too_much), ElementsAre("rejected insufficient_margin"));
}

TEST(Derivative, IsLiquidatedBelowItsMaintenance) {
  ScriptedVenue venue(Terms{.cash = 101.0});
  venue.instrument = 1;
  venue.quote(0, 1000, 50, 1000.5, 50);
  venue.last().mark_price = 1000.0;
  venue.stamp(1);
  const OrderId order = venue.limit(2, Side::buy, 1, 1001);
  const OrderId bid = venue.limit(2, Side::buy, 1, 500);
  venue.run_to(3);
  EXPECT_THAT(venue.story(order), ElementsAre("accepted", "filled 1@1001"));
  EXPECT_THAT(venue.story(bid), ElementsAre("rejected insufficient_margin"));
  venue.last().mark_price = 950.0;  // equity 50, maintenance 47.5
  venue.stamp(4);
  venue.run_to(5);
  EXPECT_EQ(venue.position(), 1);
  venue.last().mark_price = 947.0;  // 47, 47.35
  venue.quote(6, 940, 1, 941, 1);
  venue.run_to(7);
  EXPECT_EQ(venue.position(), 0);
  EXPECT_EQ(ScriptedVenue::told(venue.events.back()), "filled 1@940 liquidation");
  EXPECT_TRUE(venue.events.back().is_final);
  EXPECT_EQ(venue.events.back().fill.order, 0U);
  EXPECT_DOUBLE_EQ(venue.cash(), 101.0 - 61.0 - 0.0050 * 940.0);
  EXPECT_EQ(venue.exchange().stats().liquidations, 1U);
}

TEST(Derivative, LiquidationCancelsWhatIsOpen) {
  ScriptedVenue venue(Terms{.cash = 105.0});
  venue.instrument = 1;
  venue.quote(0, 100, 50, 101, 50);
  venue.market(1, Side::buy, 9);
  const OrderId ask = venue.limit(2, Side::sell, 9, 150);
  venue.quote(3, 90, 50, 91, 50);
  venue.run_to(4);
  EXPECT_THAT(venue.story(ask), ElementsAre("accepted", "cancelled liquidated left 9"));
  EXPECT_EQ(venue.position(), 0);
}

TEST(Funding, IsPaidAtTheStampByWhoHoldsThen) {
  ScriptedVenue venue(Terms{});
  venue.instrument = 1;
  venue.last().mark_price = 100.0;
  venue.last().funding_rate = 0.001;
  venue.last().next_funding_ns = 100 * one_ms;
  venue.quote(0, 100, 50, 101, 50);
  venue.market(1, Side::buy, 5);
  venue.last().mark_price = 110.0;
  venue.stamp(50);
  venue.run_to(100);
  EXPECT_TRUE(payments(venue).empty());
  venue.last().mark_price = 500.0;  // is not known at the stamp
  venue.last().funding_rate = 0.9;
  venue.last().next_funding_ns = 200 * one_ms;
  venue.stamp(100);
  venue.run_to(101);
  EXPECT_THAT(payments(venue), ElementsAre("funding -0.55"));
  EXPECT_EQ(venue.events.back().ts_venue, 100 * one_ms);
  venue.market(150, Side::sell, 5);
  venue.run_to(999);
  EXPECT_EQ(payments(venue).size(), 1U);
}

TEST(Funding, IsIncomeOfTheShort) {
  ScriptedVenue venue(Terms{});
  venue.instrument = 1;
  venue.last().mark_price = 100.0;
  venue.last().funding_rate = 0.001;
  venue.last().next_funding_ns = 100 * one_ms;
  venue.quote(0, 100, 50, 101, 50);
  venue.market(1, Side::sell, 5);
  venue.run_to(500);
  EXPECT_THAT(payments(venue), ElementsAre("funding 0.5"));
}

TEST(Funding, IsPaidByAMakerWhoseFillCameWithARow) {
  ScriptedVenue venue(Terms{});
  venue.instrument = 1;
  venue.last().mark_price = 100.0;
  venue.last().funding_rate = 0.001;
  venue.last().next_funding_ns = 100 * one_ms;
  venue.quote(0, 99, 0, 101, 50);
  venue.limit(1, Side::sell, 5, 100);
  venue.trade(2, 101, 5, Side::buy);
  venue.run_to(500);
  EXPECT_THAT(payments(venue), ElementsAre("funding 0.5"));
}

TEST(Funding, AStampThatHasPassedIsNotPaidByWhoComesAfter) {
  ScriptedVenue venue(Terms{});
  venue.instrument = 1;
  venue.last().funding_rate = 0.001;
  venue.last().next_funding_ns = 100 * one_ms;
  venue.quote(0, 100, 50, 101, 50);
  venue.market(150, Side::buy, 5);
  venue.run_to(500);
  EXPECT_TRUE(payments(venue).empty());
}

TEST(Funding, RowsWithoutAStampAreOne) {
  ScriptedVenue venue(Terms{});
  venue.instrument = 1;
  venue.quote(0, 100, 50, 102, 50);
  venue.market(1, Side::buy, 5);
  venue.last().kind = Kind::funding;
  venue.last().funding_rate = 0.001;
  venue.stamp(10);
  venue.run_to(11);
  EXPECT_THAT(payments(venue), ElementsAre("funding -0.505"));  // on the middle: there is no mark
}

TEST(DatedFuture, SettlesAtTheIndex) {
  ScriptedVenue venue(Terms{});
  venue.specs()[2].expiry = 100 * one_ms;
  venue.instrument = 2;
  venue.last().index_price = 120.0;
  venue.quote(0, 100, 50, 101, 50);
  venue.market(1, Side::buy, 5);
  const OrderId ask = venue.limit(2, Side::sell, 5, 150);
  venue.run_to(200);
  EXPECT_THAT(venue.story(ask), ElementsAre("accepted", "cancelled expired left 5"));
  EXPECT_EQ(ScriptedVenue::told(venue.events.back()), "settled 5@120");
  EXPECT_EQ(venue.events.back().ts_venue, 100 * one_ms);
  EXPECT_DOUBLE_EQ(venue.cash(), 1e6 + 5 * 19.0);
  const OrderId late = venue.market(201, Side::buy, 1);
  venue.run_to(202);
  EXPECT_THAT(venue.story(late), ElementsAre("rejected no_market"));
}

TEST(Inverse, PaysInTheBaseAsset) {
  ScriptedVenue venue(Terms{});
  venue.specs().push_back(ScriptedVenue::spec("E-USD:PERP", Contract::inverse));
  venue.specs().back().multiplier = {100, 0};
  venue.instrument = 3;
  for (Account* account : {&venue.exchange().account(), &venue.ours()}) account->deposit("v", "E", one_unit);
  venue.last().mark_price = 10'000.0;
  venue.last().funding_rate = 0.01;
  venue.last().next_funding_ns = 100 * one_ms;
  venue.quote(0, 9'999, 50, 10'000, 50);
  venue.market(1, Side::buy, 20);  // 2000 USD, 0.2 E
  venue.run_to(150);
  EXPECT_THAT(payments(venue), ElementsAre("funding -0.002"));
  venue.quote(200, 12'500, 50, 12'501, 50);
  venue.market(201, Side::sell, 20);
  venue.run_to(202);
  EXPECT_NEAR(to_double(venue.ours().cash("v", "E")), 1.0 - 0.002 + 2000.0 / 10'000 - 2000.0 / 12'500, 1e-9);
}

}  // namespace
}  // namespace millrace::testing
