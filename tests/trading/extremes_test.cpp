#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/trading/made_desk.h"

// The best and worst of a round trip, against what each row would have made of the position.

namespace millrace::testing {
namespace {

struct Extremes {
  double worst = 0.0, best = 0.0;
};

class FollowedDesk {
 public:
  explicit FollowedDesk(const Rates& rates) : desk_({}, 2, 0.0, rates) {}

  /// A row of instrument 0, and what it is worth to an open position.
  void row(double middle) {
    now_ += one_second;
    desk_.row(now_, middle - 0.01, middle + 0.01);
    look();
  }
  /// A row of instrument 1, whose mark may be what a unit of money is worth.
  void rate_row(double middle) {
    now_ += one_second;
    desk_.row(now_, middle - 0.01, middle + 0.01, MadeDesk::sound, 1);
  }
  void fill(Side side, Lots size, Ticks price) {
    const OrderId order = desk_->send(MadeDesk::market(side, size), {.why = "test"});
    ASSERT_NE(order, 0U) << name_of(desk_->objection());
    desk_.fill(order, price);
    if (desk_->position(0) == 0) expected.push_back(std::exchange(now, {}));
  }
  std::vector<RoundTrip> trips() { return desk_->log().trades; }
  Desk& desk() { return *desk_; }

  std::vector<Extremes> expected;  // of trips that ended
  Extremes now;

 private:
  void look() {
    if (desk_->position(0) == 0) return;
    const double worth = desk_->rate(0) * to_double(desk_->account().unrealised(0, desk_->mark(0)));
    now.worst = std::min(now.worst, worth);
    now.best = std::max(now.best, worth);
  }

  MadeDesk desk_;
  Nanos now_ = 1'700'000'000 * one_second;
};

void expect_extremes(const Rates& rates, double step) {
  std::mt19937_64 random(7);
  FollowedDesk desk(rates);
  desk.rate_row(2.0);
  double middle = 100.0, rate = 2.0;
  Lots held = 0;
  for (int i = 0; i < 3'000; ++i) {
    rate += step * (static_cast<double>(random() % 101) - 50.0) / 50.0;
    if (random() % 3 == 0) desk.rate_row(rate);
    middle += 0.1 * (static_cast<double>(random() % 101) - 50.0) / 50.0;
    desk.row(middle);
    if (random() % 7 != 0) continue;
    const bool is_closing = held != 0 && random() % 3 == 0;
    const Lots change = is_closing ? -held : (random() % 2 == 0 ? 10 : -10);
    if (change == 0 || (!is_closing && (held != 0 && (held > 0) != (change > 0)))) continue;  // no turns, no parts
    held += change;
    desk.fill(change > 0 ? Side::buy : Side::sell, std::abs(change), static_cast<Ticks>(100.0 * middle));
  }
  desk.desk().finish(desk.desk().now());
  if (held != 0) desk.expected.push_back(desk.now);
  const auto trips = desk.trips();
  ASSERT_GT(trips.size(), 50U);
  ASSERT_EQ(trips.size(), desk.expected.size());
  for (std::size_t i = 0; i < trips.size(); ++i) {
    EXPECT_EQ(trips[i].worst, desk.expected[i].worst) << i;
    EXPECT_EQ(trips[i].best, desk.expected[i].best) << i;
  }
}

TEST(DeskExtremes, LieAtTheFarthestMarks) { expect_extremes(Rates("USD"), 0.0); }

TEST(DeskExtremes, FollowARateThatIsANumber) {
  Rates rates("EUR");
  rates.set({.asset = "USD", .constant = 0.9});
  expect_extremes(rates, 0.0);
}

TEST(DeskExtremes, FollowARateThatMoves) {
  Rates rates("EUR");
  rates.set({.asset = "USD", .instrument = 1});
  expect_extremes(rates, 2e-4);  // no day's loss that stops trading
}

TEST(DeskAttention, AStrategyThatDoesNotLookBetweenMarksIsShownMarkedRowsOnly) {
  for (const bool looks : {true, false}) {
    MadeDesk desk({}, 1, 0.0, Rates("USD"), looks);
    Nanos now = 1'700'000'000 * one_second;
    const auto row = [&](double middle, std::uint8_t attention) {
      desk.row(now += one_second, middle - 0.01, middle + 0.01, MadeDesk::sound, 0, attention);
    };
    row(100.0, 0);
    EXPECT_EQ(desk.rows_shown(), 0U) << "nothing is open";
    const OrderId order = desk->send(MadeDesk::market(Side::buy, 1'000), {.why = "test"});
    ASSERT_NE(order, 0U);
    row(101.0, 0);
    EXPECT_EQ(desk.rows_shown(), looks ? 1U : 0U) << "an order is open";
    desk.fill(order, 10'100);
    row(90.0, 0);
    row(105.0, Strategy::must_see);
    row(102.0, 0);
    EXPECT_EQ(desk.rows_shown(), looks ? 4U : 1U) << "a position is open";
    desk.fill(desk->send(MadeDesk::market(Side::sell, 1'000), {.why = "test"}), 10'200);
    ASSERT_EQ(desk->log().trades.size(), 1U);
    EXPECT_DOUBLE_EQ(desk->log().trades[0].worst, -11.0) << "what the desk itself follows goes on";
    EXPECT_DOUBLE_EQ(desk->log().trades[0].best, 4.0);
  }
}

}  // namespace
}  // namespace millrace::testing
