#include "millrace/trading/account.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "millrace/trading/round_trips.h"

// Money, steps of prices and sizes, the account and its round trips: all of it adds up to the last unit.

namespace millrace {
namespace {

TEST(Money, IsReadAndPrintedWithAllItsDigits) {
  for (const char* text : {"0", "-12.5", "0.00000001", "-0.00000001", "123456789.87654321", "90000000"}) {
    ASSERT_TRUE(parse_amount(text)) << text;
    EXPECT_EQ(format_amount(*parse_amount(text)), text);
  }
  EXPECT_FALSE(parse_amount("1e30"));
  EXPECT_FALSE(parse_amount("many"));
  EXPECT_FALSE(to_amount(std::nan("")));
  EXPECT_FALSE(to_amount(HUGE_VAL));
  EXPECT_EQ(to_amount(0.000000005), 1);  // halves away from zero
  EXPECT_EQ(to_amount(-0.000000005), -1);
}

TEST(Money, ADecimalIsTheShortestThatReadsBack) {
  const auto expect = [](double value, std::int64_t mantissa, int digits) {
    const auto decimal = Decimal::from(value);
    ASSERT_TRUE(decimal) << value;
    EXPECT_EQ(decimal->mantissa, mantissa) << value;
    EXPECT_EQ(decimal->digits, digits) << value;
  };
  expect(0.01, 1, 2);
  expect(0.25, 25, 2);
  expect(100.0, 100, 0);
  expect(1e-8, 1, 8);
  EXPECT_FALSE(Decimal::from(1.0 / 3.0));
  EXPECT_FALSE(Decimal::from(std::nan("")));
}

TEST(Money, ProductsAreExactAndSaturate) {
  EXPECT_EQ(scaled_product(3, 5, 7, 0), 105);
  EXPECT_EQ(scaled_product(1, 15, 1, 1), 2);
  EXPECT_EQ(scaled_product(-1, 15, 1, 1), -2);
  EXPECT_EQ(scaled_product(4'000'000'000'000, 4'000'000'000'000, 1, 12), 16'000'000'000'000);
  EXPECT_EQ(scaled_product(INT64_MAX, INT64_MAX, 1, 0), scaled_product(INT64_MAX, INT64_MAX, INT64_MAX, 1));
  EXPECT_EQ(share_of(10, 1, 3), 3);
  EXPECT_EQ(share_of(-10, 1, 4), -3);
  EXPECT_EQ(share_of(most_amount, INT64_MAX, INT64_MAX), most_amount);
}

InstrumentSpec spec(Contract contract, Decimal tick, Decimal lot, Decimal multiplier = {1, 0}) {
  InstrumentSpec made{.venue = "v", .symbol = "A-USD", .base = "A", .quote = "USD", .contract = contract};
  made.tick_size = tick;
  made.lot_size = lot;
  made.multiplier = multiplier;
  return made;
}

TEST(InstrumentSpec, RoundsPricesToStepsAndSizesTowardsZero) {
  const InstrumentSpec one = spec(Contract::spot, {5, 2}, {1, 3});  // 0.05 and 0.001
  EXPECT_EQ(one.ticks(100.07), 2'001);
  EXPECT_EQ(one.ticks_down(100.09), 2'001);
  EXPECT_EQ(one.ticks_up(100.06), 2'002);
  EXPECT_EQ(one.ticks_down(100.05), 2'001);  // a multiple but for the rounding of the division stays
  EXPECT_EQ(one.ticks_up(100.05), 2'001);
  EXPECT_EQ(one.price(2'001), 100.05);
  EXPECT_EQ(one.lots(1.2349), 1'234);
  EXPECT_EQ(one.lots(-1.2349), -1'234);
  EXPECT_EQ(one.lots(0.003), 3);
  EXPECT_FALSE(one.ticks(0.0));
  EXPECT_FALSE(one.ticks(-1.0));
  EXPECT_FALSE(one.ticks(std::nan("")));
  EXPECT_FALSE(one.lots(HUGE_VAL));
}

TEST(InstrumentSpec, TellsWhatAPositionIsWorth) {
  const InstrumentSpec linear = spec(Contract::linear, {1, 1}, {1, 3}, {10, 0});
  EXPECT_EQ(linear.value(2'000, 305), *to_amount(2.0 * 10.0 * 30.5));
  EXPECT_EQ(linear.notional(-2'000, 30.5), 610.0);
  const InstrumentSpec inverse = spec(Contract::inverse, {1, 1}, {1, 0}, {100, 0});  // contracts of 100 USD
  const Amount bought = inverse.value(5, 500'000), sold = inverse.value(5, 400'000);
  EXPECT_EQ(bought, -*to_amount(500.0 / 50'000.0));
  EXPECT_LT(sold - bought, 0) << "a long loses base as the price falls";
  EXPECT_EQ(inverse.notional(5, 50'000.0), 500.0);
}

/// A long random life of three instruments: spot, linear and inverse.
TEST(Account, AddsUpToTheLastUnitOverALongRandomLife) {
  SpecBook specs{spec(Contract::spot, {1, 2}, {1, 5}), spec(Contract::linear, {5, 1}, {1, 3}, {10, 0}),
                 spec(Contract::inverse, {1, 1}, {1, 0}, {100, 0})};
  Account account(specs);
  account.deposit("v", "USD", *to_amount(1e6));
  account.deposit("v", "A", *to_amount(50.0));
  std::mt19937_64 random(5);
  const auto draw = [&](std::uint64_t n) { return static_cast<std::int64_t>(random() % n); };
  std::size_t turns = 0;
  for (int i = 0; i < 100'000; ++i) {
    const auto id = static_cast<InstrumentId>(draw(3));
    if (draw(50) == 0) account.apply_funding(id, draw(2'001) - 1'000);
    if (draw(50) == 0) account.apply_borrow(id, -draw(1'000));
    const Lots before = account.position(id).size;
    account.apply({.instrument = id,
                   .side = draw(2) == 0 ? Side::buy : Side::sell,
                   .price = 900'000 + draw(200'000),
                   .size = 1 + draw(5'000),
                   .fee = draw(3'000) - 1'000});
    const Lots after = account.position(id).size;
    if (before != 0 && after != 0 && (before > 0) != (after > 0)) ++turns;
    if (i % 97 == 0) {
      ASSERT_TRUE(account.is_balanced()) << i;
    }
  }
  EXPECT_GT(turns, 100U);
  for (InstrumentId id = 0; id < 3; ++id) {  // flat again, nothing of the cost is left
    const Lots held = account.position(id).size;
    if (held == 0) continue;
    account.apply({.instrument = id,
                   .side = held > 0 ? Side::sell : Side::buy,
                   .price = 1'000'000,
                   .size = std::abs(held),
                   .fee = 7});
    EXPECT_EQ(account.position(id).cost, 0);
    EXPECT_EQ(account.unrealised(id, 1.0), 0);
  }
  EXPECT_TRUE(account.is_balanced());
}

TEST(Account, KnowsWhatAnInversePositionEarnsAndWhereItWasEntered) {
  SpecBook specs{spec(Contract::inverse, {1, 1}, {1, 0}, {100, 0})};
  Account account(specs);
  account.deposit("v", "A", *to_amount(1.0));
  account.apply({.instrument = 0, .side = Side::buy, .price = 500'000, .size = 10});
  EXPECT_NEAR(account.position(0).entry_price(specs[0]), 50'000.0, 1e-6);
  EXPECT_EQ(account.unrealised(0, 40'000.0), *to_amount(1'000.0 / 50'000.0 - 1'000.0 / 40'000.0));
  const Amount realised = account.apply({.instrument = 0, .side = Side::sell, .price = 625'000, .size = 10});
  EXPECT_EQ(realised, *to_amount(1'000.0 / 50'000.0 - 1'000.0 / 62'500.0));
  EXPECT_EQ(account.cash("v", "A"), *to_amount(1.004));
}

TEST(RoundTrips, ATurnSharesItsFeeBySize) {
  SpecBook specs{spec(Contract::linear, {1, 0}, {1, 0})};
  Account account(specs);
  RoundTrips trips;
  const auto fill = [&](Side side, Ticks price, Lots size, Amount fee, const char* why) {
    const Fill one{.instrument = 0, .side = side, .price = price, .size = size, .fee = fee};
    account.apply(one);
    trips.on_fill(one, account, 1.0, price * one_second, why);
  };
  fill(Side::buy, 100, 10, one_unit, "in");
  fill(Side::sell, 110, 40, 4 * one_unit, "turn");
  std::vector<RoundTrip> done = trips.take();
  ASSERT_EQ(done.size(), 1U);
  EXPECT_TRUE(done[0].is_long);
  EXPECT_EQ(done[0].pnl, 100.0);
  EXPECT_EQ(done[0].fees, 2.0);  // its entry's, and a quarter of the turn's
  fill(Side::buy, 105, 30, 3 * one_unit, "out");
  done = trips.take();
  ASSERT_EQ(done.size(), 1U);
  EXPECT_FALSE(done[0].is_long);
  EXPECT_EQ(done[0].entry_price, 110.0);
  EXPECT_EQ(done[0].exit_price, 105.0);
  EXPECT_EQ(done[0].pnl, 150.0);
  EXPECT_EQ(done[0].fees, 6.0);
  EXPECT_EQ(done[0].entry_why, "turn");
  EXPECT_EQ(done[0].exit_why, "out");
  EXPECT_EQ(to_double(account.position(0).fees), 8.0);
}

TEST(RoundTrips, TheirSumIsTheAccountsOverARandomLife) {
  SpecBook specs{spec(Contract::linear, {1, 1}, {1, 2})};
  Account account(specs);
  RoundTrips trips;
  std::mt19937_64 random(8);
  double pnl = 0.0, fees = 0.0;
  for (int i = 0; i < 20'000; ++i) {
    const Fill one{.instrument = 0,
                   .side = random() % 2 == 0 ? Side::buy : Side::sell,
                   .price = 900 + static_cast<Ticks>(random() % 200),
                   .size = 1 + static_cast<Lots>(random() % 50),
                   .fee = static_cast<Amount>(random() % 1'000)};
    account.apply(one);
    trips.on_fill(one, account, 1.0, i, "x");
    if (i == 19'999) trips.finish(0, account, 1.0, 100.0, i);
    for (const RoundTrip& trip : trips.take()) {
      pnl += trip.pnl;
      fees += trip.fees;
    }
  }
  EXPECT_NEAR(pnl, to_double(account.position(0).realised + account.unrealised(0, 100.0)), 1e-6);
  EXPECT_NEAR(fees, to_double(account.position(0).fees), 1e-9);
}

}  // namespace
}  // namespace millrace
