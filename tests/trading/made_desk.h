#pragma once

#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "millrace/trading/desk.h"

/// A desk with an exchange that only writes down what it is asked, and rows made by hand.
namespace millrace::testing {

class WrittenExchange final : public Exchange {
 public:
  struct Amendment {
    OrderId order;
    Ticks limit;
    Lots left;
  };
  void submit(const Order& order) override { orders.push_back(order); }
  void cancel(OrderId order, Nanos) override { cancels.push_back(order); }
  void amend(OrderId order, Ticks limit, Lots left, Nanos) override { amendments.push_back({order, limit, left}); }
  bool poll(Nanos, ExchangeEvent&) override { return false; }

  std::vector<Order> orders;
  std::vector<OrderId> cancels;
  std::vector<Amendment> amendments;
};

/// Asks for nothing, and counts the rows that it is shown.
class SilentStrategy final : public Strategy {
 public:
  explicit SilentStrategy(bool looks_between_marks) : looks_between_marks_(looks_between_marks) {}
  void prepare(const MarketBatch&, std::span<std::uint8_t>) override {}
  bool looks_between_marks() const override { return looks_between_marks_; }
  void on_row(const Observation&, Desk&) override { ++rows; }
  void on_event(const ExchangeEvent&, Desk&) override {}

  std::size_t rows = 0;

 private:
  bool looks_between_marks_;
};

/// Perpetuals of venue "v" with steps of 0.01 in price and 0.001 in size, and an account of a million USD.
class MadeDesk {
 public:
  static constexpr GuardValues sound{0.0, 0.0, 0.0, 0.0, no_value};

  explicit MadeDesk(const GuardLimits& limits = {}, std::size_t instruments = 1, double taker_bps = 0.0,
                    const Rates& rates = Rates("USD"), bool looks_between_marks = true)
      : strategy_(looks_between_marks) {
    fees_.venues = {{.venue = "v", .tiers = {{"only", 0.0, taker_bps}}}};
    for (std::size_t i = 0; i < instruments; ++i) {
      specs_.push_back({.venue = "v", .symbol = "A-USD:PERP", .base = "A", .quote = "USD"});
      specs_.back().contract = Contract::linear;
      specs_.back().tick_size = {1, 2};
      specs_.back().lot_size = {1, 3};
      specs_.back().max_leverage = 20.0;
    }
    DeskOptions options{.limits = limits};
    for (std::size_t i = 0; i < guard_columns; ++i) options.guards[i] = i;
    desk_ = std::make_unique<Desk>(options, specs_, fees_, rates, exchange, strategy_);
    desk_->deposit("v", "USD", *to_amount(1e6));
  }

  Desk* operator->() { return desk_.get(); }
  Desk& operator*() { return *desk_; }

  void row(Nanos ts, double bid, double ask, const GuardValues& values = sound, InstrumentId instrument = 0,
           std::uint8_t attention = 0) {
    auto batch = std::make_unique<MarketBatch>();
    batch->chunk.reset(market_row_columns);
    batch->chunk.resize(1);
    batch->chunk.clear_row(0);
    batch->chunk.instrument[0] = instrument;
    batch->chunk.ts_event[0] = ts;
    batch->chunk.f64(Column::bid)[0] = bid;
    batch->chunk.f64(Column::ask)[0] = ask;
    batch->chunk.f64(Column::bid_size)[0] = batch->chunk.f64(Column::ask_size)[0] = 1000.0;
    batch->features.order = {0};
    batch->features.columns.resize(guard_columns);
    for (std::size_t i = 0; i < guard_columns; ++i) batch->features.columns[i].values = {values[i]};
    batch->index();
    desk_->on_row(*batch, 0, attention, ts);
    if (batch_) desk_->release(*batch_);
    batch_ = std::move(batch);
  }

  /// Fills all that is left of the order at `price`.
  void fill(OrderId id, Ticks price) {
    const Desk::OpenOrder& open = *desk_->find_order(id);
    ExchangeEvent event{.type = ExchangeEvent::Type::filled, .is_final = true, .order = id};
    event.ts_venue = event.ts_local = desk_->now();
    event.fill = {.order = id,
                  .instrument = open.record.order.instrument,
                  .side = open.record.order.side,
                  .price = price,
                  .size = open.left};
    desk_->on_event(event);
  }
  void end(OrderId id, ExchangeEvent::Type type, OrderReason reason) {
    desk_->on_event({.type = type, .reason = reason, .order = id, .ts_local = desk_->now()});
  }

  static OrderRequest market(Side side, Lots size, InstrumentId instrument = 0) {
    return {.instrument = instrument, .side = side, .size = size};
  }
  static OrderRequest limit(Side side, Lots size, Ticks price) {
    OrderRequest request = market(side, size);
    request.type = OrderType::limit;
    request.limit = price;
    return request;
  }

  std::size_t rows_shown() const { return strategy_.rows; }

  WrittenExchange exchange;

 private:
  SpecBook specs_;
  FeeTable fees_;
  SilentStrategy strategy_;
  std::unique_ptr<Desk> desk_;
  std::unique_ptr<MarketBatch> batch_;
};

}  // namespace millrace::testing
