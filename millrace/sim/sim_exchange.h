#pragma once

#include <algorithm>
#include <cstdint>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

#include "millrace/sim/listing.h"
#include "millrace/sim/sim_options.h"
#include "millrace/sim/venue_market.h"

namespace millrace {

/// Venues made of their recorded rows: they take orders after a latency, fill them by what the rows show, keep an
/// account, and answer after a latency. For backtests and paper trading.
///
/// Whoever runs it hands over rows in the order of the venues' clock; before a row of time T everything that is due
/// before T, in the order of time:
///
///   while (exchange.next_time() < T) { advance(next_time() + 1); poll; … }   on_market(row)
///
/// An order meets what the last row at or before its arrival showed. Messages on one venue's connection keep their
/// order: a later one does not overtake. Nothing depends on how rows are cut into batches.
class SimExchange : public Exchange {
 public:
  /// `specs` and `fees` live longer; `specs` may grow. Throws Error{config} for options that rows cannot serve.
  SimExchange(const SpecBook& specs, const FeeTable& fees, const SimOptions& options);

  /// Most rows are not looked at any further than this.
  void on_market(const MarketRow& row) {
    if (due_ <= row.ts_event || row.instrument >= markets_.size()) [[unlikely]]
      prepare(row.instrument, row.ts_event);
    newest_ = row.instrument;
    VenueMarket& market = markets_[row.instrument];
    const Nanos stamp_before = market.row.next_funding_ns;
    market.on_row(row);
    if (market.is_watched) play(market, stamp_before);
  }

  /// When something is next due: a message reaches a venue, a payment, an answer reaches us. INT64_MAX: nothing.
  Nanos next_time() const {
    const Nanos answer = events_.empty() ? INT64_MAX : events_.top().event.ts_local;
    return std::min(due_, answer);
  }
  /// Does all that is due before `until` at the venues.
  void advance(Nanos until);

  /// Throws Error{config} where the fee table lacks the instrument's venue.
  void submit(const Order& order) override;
  void cancel(OrderId order, Nanos now) override;
  void amend(OrderId order, Ticks limit, Lots left, Nanos now) override;
  bool transfer(const Transfer& transfer) override;
  bool poll(Nanos now, ExchangeEvent& event) override;

  /// As the venues keep it. Deposits before the first order.
  Account& account() { return account_; }
  const Account& account() const { return account_; }
  const SimStats& stats() const { return stats_; }
  std::size_t open_orders(InstrumentId instrument) const;

 private:
  static constexpr Lots unsized = INT64_MAX;
  struct Message {
    enum class Kind : std::uint8_t { submit, cancel, amend };
    Nanos at = no_time;
    std::uint64_t number = 0;
    Kind kind = Kind::submit;
    Order order;  // of a cancel its id alone; of an amend id, limit and size left
    bool operator<(const Message& other) const { return at != other.at ? at > other.at : number > other.number; }
  };
  struct Answer {
    ExchangeEvent event;
    std::uint64_t number = 0;
    bool operator<(const Answer& other) const {
      return event.ts_local != other.event.ts_local ? event.ts_local > other.event.ts_local : number > other.number;
    }
  };
  struct Connection {  // to a venue
    std::string venue;
    Nanos last_arrival = no_time, last_answer = no_time;
  };
  struct Funds;
  struct Deal;

  // sim_exchange.cpp: messages, rows, answers
  void prepare(InstrumentId instrument, Nanos ts);
  void play(VenueMarket& market, Nanos stamp_before);
  Listing& listing(InstrumentId instrument);
  std::uint32_t connection(const std::string& venue);
  const MarketRow* newest_row(InstrumentId instrument) const;
  void send(Message message, InstrumentId instrument, Nanos now);
  void refuse(const Message& message, OrderReason reason, Nanos now);
  void emit(ExchangeEvent event, InstrumentId instrument);
  void answer(const ExchangeEvent& event);
  void settle_up(Listing& one);
  void plan_due();

  // sim_arrivals.cpp: what a message does at the venue
  void arrive(const Message& message);
  void arrive_order(const Order& order);
  void arrive_cancel(OrderId order);
  void arrive_amend(const Order& change);
  OrderReason amend_live(Listing& one, LiveOrder& live, const Order& change);
  OrderReason judge(const Listing& one, const Order& order, Lots& size);
  OrderReason judge_terms(const Listing& one, const Order& order, Lots size) const;
  bool would_take(const Listing& one, const LiveOrder& live);
  void enter(Listing& one, LiveOrder& live);
  void leave_rest(Listing& one, LiveOrder& live);
  void rest(Listing& one, LiveOrder& live);
  LiveOrder* find_live(OrderId order);
  void end(LiveOrder& live, OrderReason reason);

  // sim_matching.cpp: what a row does to orders
  TakerMarket market_for(const Listing& one, Side side);
  TakerMarket trade_for(const Listing& one, Side side) const;
  bool take(Listing& one, LiveOrder& live, const TakerMarket& market, bool is_quoted);
  void meet(Listing& one, LiveOrder& live, const TakerMarket& market, bool is_quoted);
  void remove_own(Listing& one, const LiveOrder& taker, Ticks reach);
  static Level& counted(Listing& one, Side side);
  Level& newest_level(Listing& one, Side side);
  void on_trade(Listing& one);
  void serve(Listing& one, Side side, Ticks price, bool is_at_level);
  void on_quote(Listing& one);
  void on_level(Listing& one, Side side, double quoted, double quoted_size);
  void cross(Listing& one, Side side);
  void pull_triggers(Listing& one);
  void pull(Listing& one, LiveOrder& live, Ticks price, bool is_trade);
  Deal maker_deal(const Listing& one, const LiveOrder& live, Lots size) const;
  Lots fill(Listing& one, LiveOrder& live, const Deal& deal);
  void book(Listing& one, const ExchangeEvent& event);

  // sim_margin.cpp: what the account allows
  Funds funds(std::uint32_t wallet, const LiveOrder* order, Ticks price);
  OrderReason afford(Listing& one, const LiveOrder& live);
  Ticks worst_price(const Listing& one, const LiveOrder& live);
  double health_of(const Listing& one) const;
  void refresh_health(std::uint32_t wallet);
  void on_mark(Listing& one, double mark);
  void liquidate(std::uint32_t wallet);
  void close_out(Listing& one);

  // sim_carry.cpp: what time costs
  Nanos next_stamp(const Listing& one) const;
  void pay_due();
  void pay(Listing& one, Nanos stamp);
  void pay_funding(Listing& one);
  void accrue(Listing& one);
  void pay_interest(Listing& one);
  void settle(Listing& one);

  const SpecBook& specs_;
  const FeeTable& fees_;
  SimOptions options_;
  SimStats stats_;
  Account account_;
  LatencyStream order_latency_, ack_latency_;
  Nanos now_ = no_time;      // of the venues
  Nanos due_ = INT64_MAX;    // first message or payment
  Nanos stamp_ = INT64_MAX;  // first payment
  InstrumentId newest_ = no_instrument;
  std::uint64_t messages_ = 0, answers_ = 0;
  std::vector<VenueMarket> markets_;  // by instrument
  std::vector<Listing> listings_;
  std::vector<InstrumentId> active_;  // in order
  std::vector<double> health_;        // by wallet
  std::vector<Connection> connections_;
  std::unordered_map<OrderId, InstrumentId> home_;  // of orders sent and not gone; looked up, never iterated
  std::priority_queue<Message> in_flight_;
  std::priority_queue<Answer> events_;
  bool has_changed_ = false;  // an order ended or money moved: `settle_up` is due
  Lots trade_left_ = 0;       // of the trade of the row being played; `unsized` where its size is not told
};

}  // namespace millrace
