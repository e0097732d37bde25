#include <cmath>
#include <random>

#include "tests/trading/made_desk.h"

// What may stop an order: each check alone, what is unknown, and all of them over random rows.

namespace millrace::testing {
namespace {

constexpr Nanos start = 1'700'006'400 * one_second;

GuardValues with(GuardColumn column, double value) {
  GuardValues values = MadeDesk::sound;
  values[static_cast<std::size_t>(column)] = value;
  return values;
}

/// The objection to a buy of ten at 100 after a row with these guards.
OrderReason objection_to_entry(const GuardValues& values, const GuardLimits& limits = {}) {
  MadeDesk desk(limits);
  desk.row(start, 99.99, 100.01, values);
  const OrderId id = desk->send(MadeDesk::market(Side::buy, 10'000), {.why = "test", .is_entry = true});
  EXPECT_EQ(id == 0, desk->objection() != OrderReason::none);
  EXPECT_EQ(desk.exchange.orders.size(), id == 0 ? 0U : 1U);
  return desk->objection();
}

TEST(Guards, AnOrderThatNothingSpeaksAgainstIsSent) {
  EXPECT_EQ(objection_to_entry(MadeDesk::sound), OrderReason::none);
}

TEST(Guards, EachColumnAloneStopsAnEntryAndSoDoesItsAbsence) {
  const std::vector<std::pair<GuardColumn, OrderReason>> columns{{GuardColumn::is_stale, OrderReason::stale_data},
                                                                 {GuardColumn::book_state, OrderReason::book_not_sane},
                                                                 {GuardColumn::outlier, OrderReason::price_outlier},
                                                                 {GuardColumn::breaker, OrderReason::circuit_breaker}};
  for (const auto& [column, reason] : columns) {
    for (const double value : {1.0, no_value, 2.0}) EXPECT_EQ(objection_to_entry(with(column, value)), reason);
  }
}

TEST(Guards, PriceSizeAndVolumeEachStopAnOrder) {
  MadeDesk desk;
  desk.row(start, 99.99, 100.01, with(GuardColumn::volume_24h, 500.0));
  const auto objection = [&](const OrderRequest& request) {
    desk->send(request, {.why = "test", .is_entry = true});
    return desk->objection();
  };
  EXPECT_EQ(objection(MadeDesk::limit(Side::buy, 1'000, 10'501)), OrderReason::price_band);
  EXPECT_EQ(objection(MadeDesk::limit(Side::sell, 1'000, 9'499)), OrderReason::price_band);
  EXPECT_EQ(objection(MadeDesk::market(Side::buy, 5'001)), OrderReason::fat_finger);  // 1 % of 500
  EXPECT_EQ(objection(MadeDesk::market(Side::buy, 5'000)), OrderReason::none);
  EXPECT_EQ(objection(MadeDesk::market(Side::buy, 0)), OrderReason::size_below_minimum);
  desk.row(start + 1, 99.99, 100.01);
  EXPECT_EQ(objection(MadeDesk::market(Side::sell, 20'000'000)), OrderReason::fat_finger);  // 2e6 of notional
}

TEST(Guards, WithoutAReferenceNothingIsSent) {
  MadeDesk desk;
  desk->send(MadeDesk::market(Side::buy, 1'000), {.why = "test"});
  EXPECT_NE(desk->objection(), OrderReason::none);
  desk.row(start, no_value, no_value);
  desk->send(MadeDesk::limit(Side::buy, 1'000, 10'000), {.why = "test"});
  EXPECT_EQ(desk->objection(), OrderReason::price_band);
  EXPECT_TRUE(desk.exchange.orders.empty());
}

TEST(Guards, AnInstrumentThatHasGoneSilentIsStaleOnTheRowsOfOthers) {
  MadeDesk desk({}, 2);
  desk.row(start, 99.99, 100.01, MadeDesk::sound, 0);
  desk.row(start + one_second, 99.99, 100.01, MadeDesk::sound, 1);
  EXPECT_NE(desk->send(MadeDesk::market(Side::buy, 1'000, 0), {.why = "test", .is_entry = true}), 0U);
  desk.row(start + one_second + 1, 99.99, 100.01, MadeDesk::sound, 1);
  EXPECT_EQ(desk->send(MadeDesk::market(Side::buy, 1'000, 0), {.why = "test", .is_entry = true}), 0U);
  EXPECT_EQ(desk->objection(), OrderReason::stale_data);
}

TEST(Guards, PositionsAndOpenOrdersCountAgainstTheLimits) {
  MadeDesk desk({}, 6);
  for (InstrumentId id = 0; id < 6; ++id) desk.row(start, 99.99, 100.01, MadeDesk::sound, id);
  const auto objection = [&](Side side, Lots size, InstrumentId id) {
    desk->send(MadeDesk::market(side, size, id), {.why = "test", .is_entry = true});
    return desk->objection();
  };
  EXPECT_EQ(objection(Side::buy, 2'501'000, 0), OrderReason::position_limit);  // 25 % of a million is 250,000
  EXPECT_EQ(objection(Side::buy, 2'400'000, 0), OrderReason::none);
  EXPECT_EQ(objection(Side::buy, 200'000, 0), OrderReason::position_limit);  // the open order counts as filled
  EXPECT_EQ(objection(Side::buy, 2'400'000, 1), OrderReason::none);
  EXPECT_EQ(objection(Side::buy, 2'400'000, 2), OrderReason::position_limit);  // net 50 %
  EXPECT_EQ(objection(Side::sell, 2'400'000, 2), OrderReason::none);
  EXPECT_EQ(objection(Side::sell, 2'400'000, 3), OrderReason::none);
  EXPECT_EQ(objection(Side::sell, 2'400'000, 4), OrderReason::position_limit);  // gross 100 %
}

TEST(Guards, ADaysLossStopsEntriesAndALargerOneAllTrading) {
  MadeDesk desk;
  desk.row(start, 99.99, 100.01);
  desk.fill(desk->send(MadeDesk::market(Side::buy, 2'400'000), {.why = "test", .is_entry = true}), 10'000);
  desk.row(start + one_second, 78.99, 79.01);  // 21 % of 240,000 is 5.04 %
  desk->send(MadeDesk::market(Side::buy, 1'000), {.why = "test", .is_entry = true});
  EXPECT_EQ(desk->objection(), OrderReason::loss_limit);
  EXPECT_FALSE(desk->is_killed());
  desk.row(start + 59 * one_second, 49.99, 50.01);  // 12 %, seen with the next point of the equity
  desk.row(start + 60 * one_second, 49.99, 50.01);
  EXPECT_TRUE(desk->is_killed());
  EXPECT_EQ(desk->kill_reason(), "daily loss");
  EXPECT_NE(desk->send(MadeDesk::market(Side::sell, 1'000), {.why = "test"}), 0U) << "closing stays allowed";
}

TEST(Guards, CancelsPassWhileEntriesAreThrottled) {
  MadeDesk desk;
  desk.row(start, 99.99, 100.01);
  std::vector<OrderId> sent;
  for (int i = 0; i < 200; ++i) {
    const OrderId id = desk->send(MadeDesk::limit(Side::buy, 1, 9'900), {.why = "test", .is_entry = true});
    if (id != 0) sent.push_back(id);
  }
  EXPECT_EQ(desk->objection(), OrderReason::rate_limit);
  EXPECT_EQ(sent.size(), 80U);  // of 100 a second, 20 are kept for cancels
  for (const OrderId id : sent) desk->cancel(id);
  EXPECT_EQ(desk.exchange.cancels.size(), 20U);
  EXPECT_EQ(desk->send(MadeDesk::market(Side::buy, 1), {.why = "test", .is_entry = true}), 0U);
}

TEST(Guards, AnAmendmentIsJudgedAsANewOrder) {
  MadeDesk desk;
  desk.row(start, 99.99, 100.01);
  const OrderId id = desk->send(MadeDesk::limit(Side::buy, 2'400'000, 9'990), {.why = "test", .is_entry = true});
  EXPECT_FALSE(desk->amend(id, 9'000, 1'000));  // out of the band
  EXPECT_EQ(desk->objection(), OrderReason::price_band);
  EXPECT_FALSE(desk->amend(id, 9'990, 2'600'000));  // beyond the limit of a name
  EXPECT_EQ(desk->objection(), OrderReason::position_limit);
  EXPECT_TRUE(desk->amend(id, 9'980, 2'450'000));  // its own size does not count twice
  ASSERT_EQ(desk.exchange.amendments.size(), 1U);
  EXPECT_EQ(desk.exchange.amendments[0].left, 2'450'000);
  EXPECT_EQ(desk->send(MadeDesk::market(Side::buy, 60'000), {.why = "test", .is_entry = true}), 0U)
      << "what was asked for counts before it is answered";
}

TEST(KillSwitch, CancelsAllAndLeavesOnlyWhatCloses) {
  MadeDesk desk;
  desk.row(start, 99.99, 100.01);
  desk.fill(desk->send(MadeDesk::market(Side::buy, 1'000), {.why = "test", .is_entry = true}), 10'001);
  const OrderId resting = desk->send(MadeDesk::limit(Side::buy, 1'000, 9'900), {.why = "test", .is_entry = true});
  desk->kill("by hand");
  EXPECT_EQ(desk.exchange.cancels, std::vector<OrderId>{resting});
  EXPECT_EQ(desk->send(MadeDesk::market(Side::buy, 1'000), {.why = "test", .is_entry = true}), 0U);
  EXPECT_EQ(desk->objection(), OrderReason::kill_switch);
  EXPECT_FALSE(desk->amend(resting, 9'901, 1'000));
  EXPECT_NE(desk->send(MadeDesk::market(Side::sell, 1'000), {.why = "test"}), 0U);
  EXPECT_EQ(desk->kill_reason(), "by hand");
}

TEST(KillSwitch, ComesWithRejectsClockAndValueAtRisk) {
  MadeDesk rejected({.rejects_max = 3});
  rejected.row(start, 99.99, 100.01);
  const auto reject = [&](OrderReason reason) {
    const OrderId id = rejected->send(MadeDesk::limit(Side::buy, 1, 9'900), {.why = "test", .is_entry = true});
    rejected.end(id, ExchangeEvent::Type::rejected, reason);
  };
  for (int i = 0; i < 10; ++i) reject(OrderReason::would_take);  // what post-only is for
  for (int i = 0; i < 3; ++i) reject(OrderReason::insufficient_balance);
  EXPECT_FALSE(rejected->is_killed());
  reject(OrderReason::insufficient_balance);
  EXPECT_EQ(rejected->kill_reason(), "repeated rejects");

  MadeDesk late;
  late->on_clock_offset("v", -500'000'000);
  EXPECT_FALSE(late->is_killed());
  late->on_clock_offset("v", -500'000'001);
  EXPECT_EQ(late->kill_reason(), "clock offset to v of -500 ms");

  MadeDesk risky({.daily_loss_max = 1.0, .kill_loss_max = 1.0, .var_max = 0.002});
  risky.row(start, 99.99, 100.01);
  risky.fill(risky->send(MadeDesk::market(Side::buy, 2'400'000), {.why = "test", .is_entry = true}), 10'000);
  for (int minute = 1; minute <= 101; ++minute) {  // up and down by 1 % of 240,000: 0.24 % of the equity
    EXPECT_EQ(risky->is_killed(), minute > 100) << minute;
    const double middle = minute % 2 == 0 ? 100.0 : 101.0;
    risky.row(start + minute * 60 * one_second, middle - 0.01, middle + 0.01);
  }
  EXPECT_EQ(risky->kill_reason(), "value at risk");
}

/// The terms of `pass` once more, from the specification.
class Expectation {
 public:
  Lots held[2] = {0, 0};
  Nanos now = no_time;
  std::vector<std::pair<OrderId, OrderRequest>> open;

  bool may_be_sent(const OrderRequest& request, const MarketRow (&rows)[2], const GuardValues (&values)[2]) const {
    const InstrumentId id = request.instrument;
    const double middle = 0.5 * (rows[id].bid + rows[id].ask);
    const double price = request.type == OrderType::limit ? 0.01 * static_cast<double>(request.limit)
                         : request.side == Side::buy      ? rows[id].ask
                                                          : rows[id].bid;
    const double size = 1e-3 * static_cast<double>(request.size);
    const GuardValues& one = values[id];
    const bool is_sane = one[1] == 0.0 && std::abs(price - middle) <= 0.05 * middle * (1 + 1e-12) &&
                         size * price <= 1e6 * (1 + 1e-12) && !(size > 0.01 * one[4] * (1 + 1e-12));
    const bool is_reducing = held[id] * static_cast<Lots>(request.side) < 0 && request.size <= std::abs(held[id]);
    if (is_reducing) return is_sane;
    return is_sane && now - rows[id].ts_event <= one_second && one[0] == 0.0 && one[2] == 0.0 && one[3] == 0.0 &&
           is_within_limits(request, rows);
  }

 private:
  bool is_within_limits(const OrderRequest& request, const MarketRow (&rows)[2]) const {
    double gross = 0.0, net = 0.0;
    for (InstrumentId id = 0; id < 2; ++id) {
      const double middle = 0.5 * (rows[id].bid + rows[id].ask);
      Lots buys = std::max<Lots>(held[id], 0), sells = std::min<Lots>(held[id], 0), all = held[id];
      const auto add = [&](const OrderRequest& one) {
        if (one.instrument != id) return;
        (one.side == Side::buy ? buys : sells) += static_cast<Lots>(one.side) * one.size;
        all += static_cast<Lots>(one.side) * one.size;
      };
      for (const auto& [order, one] : open) add(one);
      add(request);
      if (buys == 0 && sells == 0) continue;
      const double name = 1e-3 * middle * static_cast<double>(std::max(buys, -sells));
      if (id == request.instrument && name > 0.25 * 1e6 * 1.02) return false;  // 2 %: the equity moves a little
      gross += name;
      net += 1e-3 * middle * static_cast<double>(all);
    }
    return gross <= 1.02e6 && std::abs(net) <= 0.51e6;
  }
};

TEST(Guards, NoRowsAndRequestsYieldASentOrderWithAFailingTerm) {
  std::mt19937_64 random(11);
  const auto draw = [&](int n) { return static_cast<int>(random() % static_cast<std::uint64_t>(n)); };
  std::size_t sent = 0, blocked = 0;
  for (int round = 0; round < 40; ++round) {
    MadeDesk desk({.daily_loss_max = 1.0, .kill_loss_max = 1.0, .var_max = 1.0}, 2);
    Expectation expected;
    MarketRow rows[2] = {{.bid = no_value}, {.bid = no_value}};
    GuardValues values[2];
    for (GuardValues& one : values) one.fill(no_value);
    Nanos now = start;
    for (int step = 0; step < 500; ++step) {
      now += draw(400) * 1'000'000;
      const auto id = static_cast<InstrumentId>(draw(2));
      for (std::size_t i = 0; i < 4; ++i) values[id][i] = draw(30) == 0 ? (draw(2) == 0 ? 1.0 : no_value) : 0.0;
      values[id][4] = draw(3) == 0 ? no_value : 1e5 * draw(4);
      const double middle = 100.0 + 0.01 * draw(50);
      rows[id].bid = draw(40) == 0 ? no_value : middle - 0.01;
      rows[id].ask = middle + 0.01;
      rows[id].ts_event = expected.now = now;
      desk.row(now, rows[id].bid, rows[id].ask, values[id], id);
      OrderRequest request = MadeDesk::market(draw(2) == 0 ? Side::buy : Side::sell, 1 + draw(3'000'000),
                                              static_cast<InstrumentId>(draw(2)));
      if (draw(10) == 0) request.size *= 5;
      if (draw(2) == 0) {
        request.type = OrderType::limit;
        request.limit = 9'300 + draw(1'400);
      }
      const OrderId order = desk->send(request, {.why = "test", .is_entry = true});
      if (order == 0) {
        ++blocked;
        continue;
      }
      ++sent;
      ASSERT_TRUE(expected.may_be_sent(request, rows, values)) << "round " << round << " step " << step;
      expected.open.emplace_back(order, request);
      if (draw(2) == 0) {
        desk.fill(order, 10'000);
        expected.held[request.instrument] += static_cast<Lots>(request.side) * request.size;
        expected.open.pop_back();
      } else if (expected.open.size() > 3) {
        desk.end(expected.open[0].first, ExchangeEvent::Type::cancelled, OrderReason::by_request);
        expected.open.erase(expected.open.begin());
      }
    }
  }
  EXPECT_GT(sent, 1'000U);
  EXPECT_GT(blocked, 1'000U);
}

TEST(EdgeTest, AnEntryMustExpectOneAndAHalfTimesItsRoundTrip) {
  MadeDesk desk({}, 1, 5.0);
  desk.row(start, 99.99, 100.01);  // 2 bps of spread and twice 5 bps of fees
  const auto send = [&](double gain) {
    return desk->send(MadeDesk::market(Side::buy, 1'000), {.why = "test", .expected_gain_bps = gain, .is_entry = true});
  };
  EXPECT_EQ(send(17.99), 0U);
  EXPECT_EQ(desk->objection(), OrderReason::no_edge);
  EXPECT_NE(send(18.01), 0U);
  ASSERT_EQ(desk->log().orders.size(), 1U);
  EXPECT_NEAR(desk->log().orders[0].expected_cost_bps, 12.0, 1e-9);
  EXPECT_EQ(desk->log().orders[0].expected_gain_bps, 17.99);
  desk->finish(start + one_second);
  ASSERT_EQ(desk->log().orders.size(), 2U);
  EXPECT_NEAR(desk->log().orders[1].expected_cost_bps, 12.0, 1e-9);
}

}  // namespace
}  // namespace millrace::testing
