#include <array>
#include <map>

#include <gmock/gmock.h>

#include "tests/sim/random_tape.h"

namespace millrace::testing {
namespace {

using Type = ExchangeEvent::Type;
using Terms = ScriptedVenue::Terms;

Terms terms_of(QueueModel queue, std::uint64_t seed) {
  Terms terms{.maker_bps = -0.5, .taker_bps = 4.0, .borrow_apr = seed % 2 == 0 ? -1.0 : 0.5, .cash = 60'000.0};
  terms.options.order_latency = {.shape = LatencyModel::Shape::uniform, .least = 1 * one_ms, .most = 60 * one_ms};
  terms.options.ack_latency = {.shape = LatencyModel::Shape::lognormal, .least = 20 * one_ms, .sigma = 0.5};
  terms.options.seed = seed;
  terms.options.queue = queue;
  return terms;
}

/// Plays rows and actions in the order of time; `before_row` may do what it likes with the venue.
template <class Before>
void play(ScriptedVenue& venue, const RandomTape& tape, Before before_row) {
  std::size_t done = 0;
  const auto act_until = [&](Nanos until) {
    for (; done < tape.actions.size() && tape.actions[done].at < until; ++done) {
      const Action& action = tape.actions[done];
      venue.run_to_time(action.at);
      const Order& order = action.order;
      if (action.kind == Action::Kind::submit) venue.exchange().submit(order);
      if (action.kind == Action::Kind::cancel) venue.exchange().cancel(order.id, action.at);
      if (action.kind == Action::Kind::amend) {
        venue.exchange().amend(order.id, order.limit, order.size, action.at);
      }
    }
  };
  for (std::size_t i = 0; i < tape.rows.size(); ++i) {
    act_until(tape.rows[i].ts_event);
    before_row(i);
    venue.row(tape.rows[i]);
  }
  act_until(INT64_MAX);
  venue.run_to_time(tape.rows.back().ts_event + 60 * one_second);
}
void play(ScriptedVenue& venue, const RandomTape& tape) {
  play(venue, tape, [](std::size_t) {});
}

std::vector<std::string> lines_of(const std::vector<ExchangeEvent>& events, Nanos until = INT64_MAX) {
  std::vector<std::string> lines;
  for (const ExchangeEvent& event : events) {
    if (event.ts_venue >= until) continue;
    lines.push_back(std::to_string(event.order) + " " + std::to_string(event.ts_venue) + " " +
                    std::to_string(event.ts_local) + " " + ScriptedVenue::told(event) + " " +
                    format_amount(event.fill.fee));
  }
  return lines;
}

class SimLaws : public ::testing::TestWithParam<QueueModel> {};
INSTANTIATE_TEST_SUITE_P(Queues, SimLaws, ::testing::Values(QueueModel::conservative, QueueModel::probabilistic),
                         [](const auto& info) {
                           return info.param == QueueModel::conservative ? "conservative" : "probabilistic";
                         });

/// Rows by instrument and time, to look up what could be had.
struct History {
  explicit History(const RandomTape& tape) {
    for (const MarketRow& row : tape.rows) rows[row.instrument][row.ts_event] = row;
  }
  /// The last row at or before `at`; `is_its` where it is of that very time.
  const MarketRow& as_of(InstrumentId instrument, Nanos at, bool& is_its) const {
    auto found = rows[instrument].upper_bound(at);
    --found;
    is_its = found->first == at;
    return found->second;
  }
  std::array<std::map<Nanos, MarketRow>, 3> rows;
};

/// Whether the market showed the price, or a better one, when the fill happened.
bool was_available(const ExchangeEvent& event, const History& history) {
  bool is_its = false;
  const MarketRow& row = history.as_of(event.fill.instrument, event.ts_venue, is_its);
  const auto price = static_cast<double>(event.fill.price);
  const bool is_buy = event.fill.side == Side::buy;
  const auto reached = [&](double other) { return is_buy ? other <= price : other >= price; };
  if (!event.fill.is_maker) return reached(is_buy ? row.ask : row.bid) || (is_its && reached(row.price));
  if (!is_its) return false;  // a maker waits for a row
  const double offer = is_buy ? row.ask : row.bid;
  const bool is_crossed = reached(offer) && offer != price;
  return is_crossed || (row.has_trade() && reached(row.price));
}

TEST_P(SimLaws, NoFillAtAPriceThatWasNotThere) {
  std::size_t takers = 0, makers = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const RandomTape tape = TapeMaker(seed).make(3000, 0.4);
    const History history(tape);
    ScriptedVenue venue(terms_of(GetParam(), seed));
    play(venue, tape);
    for (const ExchangeEvent& event : venue.events) {
      if (event.type != Type::filled || event.fill.is_liquidation) continue;
      ++(event.fill.is_maker ? makers : takers);
      ASSERT_TRUE(was_available(event, history)) << lines_of({event}).front() << " seed " << seed;
    }
  }
  EXPECT_GT(takers, 500U);
  EXPECT_GT(makers, 500U);
}

TEST_P(SimLaws, NoOrderIsFilledBeyondItsLimitOrItsSize) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const RandomTape tape = TapeMaker(seed).make(3000, 0.4);
    ScriptedVenue venue(terms_of(GetParam(), seed));
    play(venue, tape);
    std::map<OrderId, Order> orders;
    std::map<OrderId, Lots> left;
    for (const Action& action : tape.actions) {
      if (action.kind == Action::Kind::submit) orders[action.order.id] = action.order;
    }
    for (const ExchangeEvent& event : venue.events) {
      if (event.type == Type::accepted || event.type == Type::amended) {
        left[event.order] = event.left;
        if (event.type == Type::amended) orders[event.order].limit = event.limit;
      }
      if (event.type != Type::filled || event.order == 0) continue;
      const Order& order = orders[event.order];
      left[event.order] -= event.fill.size;
      ASSERT_EQ(left[event.order], event.left);
      ASSERT_EQ(event.is_final, event.left == 0);
      ASSERT_GE(event.left, 0);
      if (order.type != OrderType::limit) continue;
      ASSERT_LE((event.fill.price - order.limit) * sign_of(order.side), 0) << lines_of({event}).front();
      ASSERT_TRUE(!order.is_post_only || event.fill.is_maker);
    }
  }
}

TEST_P(SimLaws, OneTradeFillsAtMostItsSize) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const RandomTape tape = TapeMaker(seed).make(3000, 0.6);
    const History history(tape);
    ScriptedVenue venue(terms_of(GetParam(), seed));
    play(venue, tape);
    std::map<std::pair<InstrumentId, Nanos>, std::array<Lots, 2>> made;  // by row and side
    for (const ExchangeEvent& event : venue.events) {
      if (event.type != Type::filled || !event.fill.is_maker) continue;
      made[{event.fill.instrument, event.ts_venue}][event.fill.side == Side::buy ? 0 : 1] += event.fill.size;
    }
    for (const auto& [at, sides] : made) {
      bool is_its = false;
      const MarketRow& row = history.as_of(at.first, at.second, is_its);
      ASSERT_TRUE(is_its);
      if (row.kind == Kind::trade) {
        ASSERT_LE(static_cast<double>(sides[0] + sides[1]), row.size);
      } else {
        ASSERT_LE(static_cast<double>(sides[0]), row.ask_size);
        ASSERT_LE(static_cast<double>(sides[1]), row.bid_size);
      }
    }
  }
}

TEST_P(SimLaws, AnotherFutureLeavesThePastAsItWas) {
  constexpr std::size_t fork = 1000;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const RandomTape one = TapeMaker(seed).make(2000, 0.4);
    const RandomTape other = TapeMaker(seed).make(2000, 0.4, fork, seed + 100);
    const Nanos until = std::min(one.rows[fork].ts_event, other.rows[fork].ts_event);
    ScriptedVenue first(terms_of(GetParam(), seed)), second(terms_of(GetParam(), seed));
    play(first, one);
    play(second, other);
    const auto past = lines_of(first.events, until);
    EXPECT_GT(past.size(), 300U);
    EXPECT_EQ(past, lines_of(second.events, until));
    EXPECT_NE(lines_of(first.events), lines_of(second.events));
  }
}

TEST_P(SimLaws, HowOftenTheVenueIsAskedChangesNothing) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const RandomTape tape = TapeMaker(seed).make(2000, 0.4);
    ScriptedVenue plain(terms_of(GetParam(), seed)), nervous(terms_of(GetParam(), seed));
    play(plain, tape);
    Random random(seed);
    play(nervous, tape, [&](std::size_t row) {
      const Nanos from = row == 0 ? 0 : tape.rows[row - 1].ts_event, to = tape.rows[row].ts_event;
      nervous.exchange().advance(from + static_cast<Nanos>(random.uniform() * static_cast<double>(to - from)));
    });
    EXPECT_EQ(lines_of(plain.events), lines_of(nervous.events));
  }
}

// On a path that only moves away from the order, and with the same sizes everywhere, waiting can only cost.
TEST_P(SimLaws, MoreLatencyNeverHelpsATaker) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    double cheapest = 0.0;
    for (const Nanos latency : {0, 1, 5, 20, 80, 300}) {
      Terms terms{};
      terms.options.order_latency.least = latency * one_ms;
      ScriptedVenue venue(terms);
      Random random(seed);
      double ask = 1000.0;
      venue.quote(0, ask - 1, 10, ask, 10);
      const OrderId order = venue.market(1, Side::buy, 15);
      for (std::int64_t ms = 2; ms < 400; ms += 1 + static_cast<std::int64_t>(3.0 * random.uniform())) {
        ask += std::floor(2.0 * random.uniform());
        venue.quote(ms, ask - 1, 10, ask, 10);
      }
      venue.run_to(500);
      ASSERT_EQ(venue.story(order).size(), 3U);
      const double paid = 1e6 - venue.cash();
      EXPECT_GE(paid, cheapest) << latency;
      cheapest = paid;
    }
  }
}

TEST_P(SimLaws, BothAccountsAgreeAfterTwentyThousandOrders) {
  const RandomTape tape = TapeMaker(11).make(40'000, 0.8);
  ScriptedVenue venue(terms_of(GetParam(), 11));
  std::size_t most_open = 0;
  play(venue, tape, [&](std::size_t) {
    for (InstrumentId i = 0; i < 3; ++i) most_open = std::max(most_open, venue.exchange().open_orders(i));
  });
  EXPECT_GE(venue.exchange().stats().orders, 20'000U);
  std::array<std::size_t, 10> seen{};
  std::map<OrderReason, std::size_t> reasons;
  for (const ExchangeEvent& event : venue.events) {
    ++seen[static_cast<std::size_t>(event.type)];
    ++reasons[event.reason];
  }
  for (const Type type : {Type::accepted, Type::rejected, Type::filled, Type::cancelled, Type::amended,
                          Type::cancel_rejected, Type::amend_rejected}) {
    EXPECT_GT(seen[static_cast<std::size_t>(type)], 50U) << static_cast<int>(type);
  }
  EXPECT_GT(seen[static_cast<std::size_t>(Type::funding)], 10U);
  for (const OrderReason reason :
       {OrderReason::bad_size, OrderReason::insufficient_margin, OrderReason::would_take, OrderReason::would_not_reduce,
        OrderReason::not_fillable, OrderReason::unknown_order, OrderReason::self_trade, OrderReason::unfilled_rest}) {
    EXPECT_GT(reasons[reason], 5U) << name_of(reason);
  }
  EXPECT_GT(most_open, 3U);
  const Account& theirs = venue.exchange().account();
  ASSERT_EQ(theirs.wallets().size(), venue.ours().wallets().size());
  EXPECT_EQ(theirs.cash("v", "USD"), venue.ours().cash("v", "USD"));
  for (InstrumentId i = 0; i < 3; ++i) {
    const Position &ours = venue.ours().position(i), &other = theirs.position(i);
    EXPECT_EQ(ours.size, other.size);
    EXPECT_EQ(ours.cost, other.cost);
    EXPECT_EQ(ours.realised, other.realised);
    EXPECT_EQ(ours.fees, other.fees);
    EXPECT_EQ(ours.funding, other.funding);
    EXPECT_EQ(ours.borrow, other.borrow);
  }
}

}  // namespace
}  // namespace millrace::testing
