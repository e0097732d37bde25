#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "millrace/chunk/door.h"
#include "millrace/engine/simulate.h"
#include "millrace/sim/sim_exchange.h"

namespace millrace {
namespace {

using Type = ExchangeEvent::Type;

/// All rows behind the door, in the order of the venue's clock.
std::vector<MarketRow> rows_of(std::uint64_t rows, Instruments& instruments) {
  SimulatedMarket market({.rows = rows}, instruments);
  Ledger ledger;
  Door door(ledger);
  Chunk chunk;
  chunk.reset(ColumnSet::all());
  std::vector<MarketRow> all;
  while (market.next(chunk)) {
    door.admit(chunk);
    for (std::size_t i = 0; i < chunk.rows(); ++i) all.push_back(market_row_of(chunk, i));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const MarketRow& a, const MarketRow& b) { return a.ts_event < b.ts_event; });
  return all;
}

/// An order near the market of `row`, for about 1,000 of the quote asset.
Order order_near(const MarketRow& row, const InstrumentSpec& spec, Random& random, OrderId id) {
  Order order;
  order.instrument = row.instrument;
  order.id = id;
  order.sent = row.ts_event;
  order.side = random.uniform() < 0.5 ? Side::buy : Side::sell;
  order.type = random.uniform() < 0.3 ? OrderType::market : OrderType::limit;
  const double touch = order.side == Side::buy ? row.bid : row.ask;
  order.limit = spec.ticks(touch * (1.0 + 1e-4 * std::round(2.0 * random.gaussian()))).value_or(0);
  order.size = spec.lots(2000.0 * random.uniform() / touch).value_or(0);
  return order;
}

TEST(SimulatedMarketOrders, LeaveBothAccountsEqual) {
  Instruments instruments;
  const std::vector<MarketRow> rows = rows_of(300'000, instruments);
  SpecBook specs;
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    const Instrument& one = instruments[static_cast<InstrumentId>(i)];
    InstrumentSpec spec = *spec_of_symbol(one.venue, one.symbol);
    spec.tick_size = {1, 4};
    spec.lot_size = {1, 5};
    specs.push_back(spec);
  }
  FeeTable fees;
  fees.venues = {{.venue = "simulated", .tiers = {{"only", 1.0, 5.0}}}};
  SimExchange exchange(specs, fees, {.queue = QueueModel::probabilistic});
  Account ours(specs);
  for (Account* account : {&exchange.account(), &ours}) account->deposit("simulated", "USD", 1'000'000 * one_unit);

  Random random(5);
  OrderId sent = 0;
  std::size_t fills = 0, makers = 0, final_answers = 0;
  const auto read_until = [&](Nanos until) {
    ExchangeEvent event;
    for (Nanos next; (next = exchange.next_time()) < until;) {
      exchange.advance(next + 1);
      while (exchange.poll(next, event)) {
        final_answers += event.is_final;
        if (event.type != Type::filled) continue;
        ++fills;
        makers += event.fill.is_maker;
        ours.apply(event.fill);
      }
    }
  };
  for (const MarketRow& row : rows) {
    read_until(row.ts_event);
    exchange.on_market(row);
    if (!row.has_quote() || random.uniform() > 0.1) continue;
    exchange.submit(order_near(row, specs[row.instrument], random, ++sent));
    if (sent > 50 && random.uniform() < 0.9) exchange.cancel(sent - 50, row.ts_event);
    ASSERT_TRUE(exchange.account().is_balanced());
  }
  for (OrderId id = 1; id <= sent; ++id) exchange.cancel(id, rows.back().ts_event);
  read_until(INT64_MAX);
  EXPECT_GT(sent, 20'000U);
  EXPECT_EQ(final_answers, sent);  // each order ends once
  EXPECT_GT(makers, 500U);
  EXPECT_GT(fills - makers, 2'000U);
  EXPECT_TRUE(ours.is_balanced());
  EXPECT_EQ(ours.cash("simulated", "USD"), exchange.account().cash("simulated", "USD"));
  EXPECT_GE(ours.cash("simulated", "USD"), 0);
  for (InstrumentId i = 0; i < specs.size(); ++i) {
    EXPECT_EQ(ours.position(i).size, exchange.account().position(i).size) << specs[i].symbol;
    EXPECT_GE(ours.position(i).size, 0);  // nothing can be borrowed
    EXPECT_EQ(exchange.open_orders(i), 0U);
  }
}

}  // namespace
}  // namespace millrace
