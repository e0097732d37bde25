#include <algorithm>
#include <map>

#include <gmock/gmock.h>

#include "millrace/engine/strategy_maker.h"
#include "millrace/graph/cross_graph.h"
#include "tests/strategies/made_market.h"

// Fills come through the queue alone, inventory stays within bounds, and the profit is taken apart.

namespace millrace::testing {
namespace {

constexpr double limit_share = 0.1, quote_share = 0.01;

struct Shape {
  double drift_bps = 0.0;  // of the middle, each second
  double reach_bps = 0.0;  // how far beyond the middle trades happen; 0: no trades after the warm-up
  double buy_share = 0.5;  // of the trades
  int seconds = 3'600;
};

/// Ten minutes of balanced trades within the quote, then the shape. The touch is 5 bps from the middle.
MadeMarket market_of(const Shape& shape) {
  MadeMarket market;
  market.half_spread = 0.05;
  market.shown = 10.0;
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> uniform;
  std::normal_distribution<double> noise;
  double middle = 100.0;
  for (int i = 0; i < 600 + shape.seconds; ++i) {
    const bool is_warm = i >= 600;
    middle *= 1.0 + 1e-4 * (is_warm ? shape.drift_bps : 0.0) + 2e-6 * noise(random);
    const Nanos ts = made_start + i * one_second;
    market.quote(ts, middle);
    if (is_warm && shape.reach_bps == 0.0) continue;
    const bool is_buy = uniform(random) < (is_warm ? shape.buy_share : 0.5);
    const double reach = is_warm ? 1e-4 * shape.reach_bps : 2e-4;
    market.trade(ts + 500'000'000, middle * (1.0 + (is_buy ? reach : -reach)), 5.0, is_buy ? Side::buy : Side::sell);
  }
  return market;
}

StrategySpec strategy(std::vector<std::pair<std::string, std::string>> set = {}) {
  set.emplace_back("vpin_bucket", "50");
  return load_strategy("market_making", set);
}

double most_exposure(const RunResult& result) {
  double most = 0.0;
  for (const EquityPoint& one : result.equity) most = std::max(most, std::abs(one.net_exposure) / one.equity);
  return most;
}

TEST(MarketMaking, EarnsTheSpreadWhereTradesAreBalancedAndTheProfitIsTakenApart) {
  // Quotes of this market move at random, so its order flow tells nothing.
  const RunResult result = play(market_of({.reach_bps = 12.0}),
                                {.strategy = strategy({{"ofi_cap", "0"}}), .maker_bps = 0.5, .taker_bps = 2.0});
  ASSERT_GT(result.fills_total, 200U);
  const SymbolResult& one = result.symbols.at(0);
  const double earned = -(one.spread_cost + one.impact_cost);
  EXPECT_GT(earned, 0.0);
  EXPECT_GT(one.fees, 0.0);
  EXPECT_NEAR(earned + one.markout_5s + one.inventory_pnl - one.fees, net_of(result), 1e-6);
  EXPECT_GT(net_of(result), 0.0);
  for (const FillRecord& fill : result.fills) {
    EXPECT_TRUE(fill.fill.is_maker) << fill.why;
    EXPECT_LT(fill.spread_cost + fill.impact_cost, 0.0);
  }
}

TEST(MarketMaking, IsNotFilledByATouchOfItsPrice) {
  // Quotes stand better than the touch for an hour in which nobody trades.
  for (const QueueModel queue : {QueueModel::conservative, QueueModel::probabilistic}) {
    const RunResult result = play(market_of({}), {.strategy = strategy({{"ofi_cap", "0"}}), .queue = queue});
    EXPECT_GT(result.orders_total, 0U);
    EXPECT_EQ(result.fills_total, 0U);
  }
}

TEST(MarketMaking, InventoryStaysWithinItsBoundsInAOneWayMarket) {
  for (const double sign : {-1.0, 1.0}) {
    const Shape shape{
        .drift_bps = 0.3 * sign, .reach_bps = 12.0, .buy_share = sign > 0.0 ? 1.0 : 0.0, .seconds = 7'200};
    const RunResult result = play(market_of(shape), {.strategy = strategy({{"vpin_max", "1"}, {"pull_time", "1ms"}})});
    ASSERT_GT(result.fills_total, 20U);
    const double most = most_exposure(result);
    RecordProperty(sign > 0.0 ? "most_short" : "most_long", std::to_string(most));
    EXPECT_GT(most, 0.3 * limit_share);
    EXPECT_LE(most, 1.2 * limit_share + quote_share);
    EXPECT_LT(net_of(result), 0.0) << "who is filled on the wrong side loses";
    EXPECT_LT(result.symbols.at(0).markout_30s, 0.0);
  }
}

TEST(MarketMaking, PullsItsQuotesWhenTradesAreInformed) {
  const Shape shape{.reach_bps = 12.0, .buy_share = 1.0};
  const RunResult result = play(market_of(shape), {.strategy = strategy()});
  const auto pulled = std::count_if(result.signals.begin(), result.signals.end(), [](const SignalRecord& one) {
    return one.signal == "pull" && one.effect == "vpin";
  });
  EXPECT_GE(pulled, 1);
  const RunResult daring = play(market_of(shape), {.strategy = strategy({{"vpin_max", "1"}})});
  EXPECT_LT(result.fills_total, daring.fills_total);
}

TEST(MarketMaking, SellsTheSurplusBeyondItsLimitAtOnce) {
  // A short position grows beyond its limit as the price rises.
  const Shape shape{.drift_bps = 0.3, .reach_bps = 12.0, .buy_share = 1.0, .seconds = 7'200};
  const StrategySpec own = strategy({{"vpin_max", "1"}, {"pull_time", "1ms"}, {"flatten_above", "1.05"}});
  const RunResult result = play(market_of(shape), {.strategy = own});
  std::size_t flattened = 0;
  for (const FillRecord& fill : result.fills) {
    if (fill.fill.is_maker) continue;
    ++flattened;
    EXPECT_EQ(fill.why, "flatten");
  }
  EXPECT_GE(flattened, 1U);
  for (const OrderRecord& order : result.orders) {
    EXPECT_TRUE(order.why != "flatten" || order.order.time_in_force == TimeInForce::ioc);
  }
}

/// Counts what is asked of the venue, and accepts all of it at once.
class AcceptingExchange final : public Exchange {
 public:
  void submit(const Order& order) override {
    answers.push_back({.type = ExchangeEvent::Type::accepted, .order = order.id, .ts_local = order.sent});
    asked.push_back(order.sent);
  }
  void cancel(OrderId order, Nanos now) override {
    answers.push_back({.type = ExchangeEvent::Type::cancelled, .order = order, .ts_local = now});
  }
  void amend(OrderId order, Ticks limit, Lots left, Nanos now) override {
    ExchangeEvent event{.type = ExchangeEvent::Type::amended, .order = order, .ts_local = now, .left = left};
    event.limit = limit;
    answers.push_back(event);
    asked.push_back(now);
  }
  bool poll(Nanos, ExchangeEvent&) override { return false; }

  std::vector<ExchangeEvent> answers;
  std::vector<Nanos> asked;
};

TEST(MarketMaking, ReplacesItsQuotesTenTimesASecondAtMost) {
  // A row each 10 ms with another middle.
  MadeMarket market;
  std::mt19937_64 random(5);
  std::normal_distribution<double> noise;
  double middle = 100.0;
  for (int i = 0; i < 20'000; ++i) {
    const Nanos ts = made_start + static_cast<Nanos>(i) * 10'000'000;
    market.quote(ts, middle += 0.01 * noise(random));
    if (i % 5 == 0) market.trade(ts + 1, middle, 1.0, Side::buy);
  }
  const StrategySpec spec = strategy({{"vpin_max", "1"}, {"pull_time", "1ms"}});
  const GuardLimits limits{.breaker_window = 10 * one_second};
  const RuleSet rules = make_rules(spec, guard_definitions(limits));
  Instruments instruments;
  instruments.intern("v", "A-USD:PERP");
  CrossGraph graph(make_cross_plan(rules.features), instruments);
  const auto maker = make_strategy(spec, rules, graph.plan());
  SpecBook specs{*spec_of_symbol("v", "A-USD:PERP")};
  FeeTable fees;
  fees.venues = {{.venue = "v", .tiers = {{"only", 0.0, 0.0}}}};
  AcceptingExchange exchange;
  DeskOptions options{.limits = limits};
  const std::array<std::string_view, guard_columns> names{"guard_is_stale", "guard_book_state", "guard_outlier",
                                                          "guard_breaker", "guard_volume_24h"};
  for (std::size_t i = 0; i < guard_columns; ++i) {
    for (std::size_t f = 0; f < graph.plan().features.size(); ++f) {
      if (graph.plan().features[f].name == names[i]) options.guards[i] = f;
    }
  }
  Desk desk(options, specs, fees, Rates("USD"), exchange, *maker);
  desk.deposit("v", "USD", *to_amount(1e6));
  MadeSource source(market.rows, market.rows.size());
  MarketBatch batch;
  batch.chunk.reset(market_row_columns | graph.plan().columns);
  source.next(batch.chunk);
  // What the door does: a price is known until the next trade.
  double price = 100.0;
  for (std::size_t i = 0; i < batch.chunk.rows(); ++i) {
    double& here = batch.chunk.f64(Column::price)[i];
    price = here = std::isfinite(here) ? here : price;
    for (const Column column : {Column::bid, Column::ask, Column::bid_size, Column::ask_size}) {
      double& value = batch.chunk.f64(column)[i];
      if (!std::isfinite(value)) value = batch.chunk.f64(column)[i - 1];
    }
  }
  graph.run(batch.chunk, batch.features);
  batch.index();
  std::vector<std::uint8_t> attention(batch.chunk.rows());
  maker->prepare(batch, attention);
  for (std::uint32_t row = 0; row < batch.chunk.rows(); ++row) {
    desk.on_row(batch, row, attention[row], batch.chunk.ts_event[row]);
    for (const ExchangeEvent& event : std::exchange(exchange.answers, {})) desk.on_event(event);
  }
  ASSERT_GT(exchange.asked.size(), 300U);
  std::map<Nanos, int> moments;  // both quotes of a moment are one replacement
  for (const Nanos one : exchange.asked) ++moments[one];
  for (const auto& [moment, count] : moments) {
    EXPECT_LE(count, 2);
    const auto within = std::distance(moments.lower_bound(moment), moments.lower_bound(moment + one_second));
    EXPECT_LE(within, 10);
  }
}

}  // namespace
}  // namespace millrace::testing
