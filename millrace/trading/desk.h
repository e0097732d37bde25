#pragma once

#include <array>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "millrace/trading/account.h"
#include "millrace/trading/desk_options.h"
#include "millrace/trading/exchange.h"
#include "millrace/trading/fees.h"
#include "millrace/trading/guards.h"
#include "millrace/trading/markouts.h"
#include "millrace/trading/rates.h"
#include "millrace/trading/round_trips.h"
#include "millrace/trading/run_log.h"
#include "millrace/trading/strategy.h"

namespace millrace {

/// One strategy's place of work: account, open orders, guards and the log, in backtest, paper and live. Whoever runs
/// it hands over rows and answers in the order of our clock. One thread uses it.
class Desk {
 public:
  static constexpr std::size_t most_open_orders = 10'000;

  Desk(const DeskOptions& options, const SpecBook& specs, const FeeTable& fees, Rates rates, Exchange& exchange,
       Strategy& strategy);

  void deposit(std::string_view venue, std::string_view asset, Amount amount) {
    account_.deposit(venue, asset, amount);
  }

  /// Inventory of a spot instrument at the start, for strategies that sell what they hold.
  void deposit_inventory(InstrumentId instrument, Lots size, Ticks price);

  // What the run calls.

  /// A row has reached us.
  void on_row(const MarketBatch& batch, std::uint32_t row, std::uint8_t attention, Nanos now);
  void on_event(const ExchangeEvent& event);
  /// No row of `batch` will be asked for again.
  void release(const MarketBatch& batch);
  /// Ends the run: open orders are forgotten, positions are valued at the last mark and logged as open.
  void finish(Nanos now);
  RunLog& log() { return log_; }

  // What a strategy calls.

  Nanos now() const { return now_; }
  const Account& account() const { return account_; }
  const InstrumentSpec& spec(InstrumentId instrument) const { return account_.specs()[instrument]; }
  Lots position(InstrumentId instrument) const { return account_.position(instrument).size; }
  const VenueFees& fees(InstrumentId instrument) const;
  MarketRow last(InstrumentId instrument) const;
  double mark(InstrumentId instrument) const;
  /// Of the asset that the instrument settles in, in the account's asset.
  double rate(InstrumentId instrument) const;
  /// The instrument whose price that rate is; none where it is a number.
  InstrumentId rate_source(InstrumentId instrument) const;
  const std::string& account_asset() const { return rates_.account_asset(); }
  double equity() const;
  /// An entry's expected gain over its cost, at least; 0 where that is not tested.
  double edge_multiple() const { return options_.has_edge_test ? options_.edge_multiple : 0.0; }

  /// Fees of both sides, the spread now, and the impact of `size` beyond what is displayed, in bps of the price.
  double round_trip_cost_bps(InstrumentId instrument, Lots size) const;

  /// The edge test: whether an expected gain pays for a cost, with the margin that the run asks for. Unknown ones do
  /// not.
  bool pays(double gain_bps, double cost_bps) const {
    return !options_.has_edge_test || gain_bps >= options_.edge_multiple * cost_bps;
  }

  /// What the newest row of the instrument says against opening there now, whatever the order: the guards that look at
  /// rows alone.
  OrderReason objection_to_opening(InstrumentId instrument) const;

  /// Sends the order unless a guard objects; 0 then, with the reason in the order log and in `objection()`.
  OrderId send(const OrderRequest& request, const Decision& decision);
  void cancel(OrderId order);
  /// Asks for another limit and size left, unless a guard objects as to a new order; false then.
  bool amend(OrderId order, Ticks limit, Lots left);
  OrderReason objection() const { return objection_; }
  /// What would stop the order now, but for rates: for those who send several or none.
  OrderReason objection_to(const OrderRequest& request, const Decision& decision) const;

  /// Moves inventory between venues now, for their withdrawal fees, which it fills in. False where they refuse.
  bool move(Transfer transfer);

  struct OpenOrder {
    OrderRecord record;
    Lots left = 0;
    Ticks limit = 0;
    Lots asked = 0;  // size left of an amendment on its way
    bool is_accepted = false, is_cancelling = false;
  };
  const std::map<OrderId, OpenOrder>& open_orders() const { return open_; }
  const OpenOrder* find_order(OrderId order) const;
  bool has_orders(InstrumentId instrument) const;

  void signal(const Observation& row, std::string_view name, std::string_view effect, double value,
              double gain_bps = no_value, double cost_bps = no_value);

  /// A sentence for the run's report.
  void note(std::string text) { log_.notes.push_back(std::move(text)); }

  /// Rows of the instrument reach the strategy though nothing in them asks for attention.
  void watch(InstrumentId instrument, bool is_watched);

  /// Stops trading for good: cancels all; what is open may only be closed. The desk does so itself after a day's loss,
  /// at a value at risk or after rejects beyond the limits.
  void kill(std::string_view why);
  /// Our clock less a venue's, as a live connection measures it; beyond the limit trading stops.
  void on_clock_offset(std::string_view venue, Nanos offset);
  bool is_killed() const { return is_killed_; }
  const std::string& kill_reason() const { return kill_reason_; }

 private:
  struct Seat {                          // of one instrument
    const MarketBatch* batch = nullptr;  // of its newest row; null where that is `stored`
    std::uint32_t row = 0;
    MarketRow stored;
    GuardValues stored_guards{};
    std::uint32_t open_orders = 0;
    bool is_known = false, is_watched = false, is_listed = false;
    bool has_moving_rate = false;  // of what it settles in
    bool must_close = false;       // a gap was too long
    OrderId closing = 0;
    double lowest = std::numeric_limits<double>::infinity(), highest = -lowest;  // marks followed since the last fill
    Nanos last = no_time;                                                        // ts_event

    const MarketRow& newest() const { return batch != nullptr ? batch->rows[row] : stored; }
  };
  Seat& seat(InstrumentId instrument);
  const Seat* find_seat(InstrumentId instrument) const;
  GuardValues guards(InstrumentId instrument) const;
  bool is_silent(const MarketRow& row) const;
  /// `replaced` is the order that `request` takes the place of; 0 = none.
  OrderReason judge(const OrderRequest& request, const Decision& decision, OrderId replaced, double& cost_bps) const;
  double exposure(InstrumentId instrument, Lots size) const;
  void exposures(const OrderRequest& request, OrderId replaced, GuardRequest& out) const;
  bool reduces(const OrderRequest& request) const;
  void block(OrderRecord record, OrderReason reason);
  void end_order(OrderId order, std::string_view status, OrderReason reason);
  void book(const ExchangeEvent& event);
  void sample_until(Nanos now);
  void sample(Nanos at);
  void watch_equity(double equity);
  void follow(Seat& one, const MarketRow& market);
  void look_back(InstrumentId instrument);
  double unrealised(InstrumentId instrument, double mark) const;
  void list(InstrumentId instrument);
  void look_for_gap(Seat& one, Nanos ts);
  void close_after_gap(InstrumentId instrument);
  Throttle& throttle(InstrumentId instrument);

  DeskOptions options_;
  const FeeTable& fee_table_;
  Account account_;
  Rates rates_;
  Exchange& exchange_;
  Strategy& strategy_;
  bool looks_between_marks_;
  RunLog log_;
  Nanos now_ = no_time, next_sample_ = no_time, day_ = no_time, rejects_since_ = no_time;
  double day_start_equity_ = 0.0, last_equity_ = no_value;
  std::array<double, 100> returns_{};  // of the last equity steps
  std::size_t return_count_ = 0;
  OrderId next_order_ = 1;
  OrderReason objection_ = OrderReason::none;
  std::uint32_t rejects_ = 0;
  bool is_killed_ = false;
  std::string kill_reason_;
  std::map<OrderId, OpenOrder> open_;
  std::vector<Seat> seats_;         // by instrument
  std::vector<InstrumentId> held_;  // with a position
  std::map<std::string, Throttle, std::less<>> throttles_;
  RoundTrips trips_;
  Markouts markouts_;
};

}  // namespace millrace
