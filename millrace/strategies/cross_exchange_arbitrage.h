#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "millrace/strategies/signals.h"
#include "millrace/strategies/venue_touches.h"

namespace millrace {

/// Buys at one venue and sells at another at once, where the touches differ by more than everything that it costs. Both
/// sides are pre-funded; what is left of a deal with one leg unfilled is traded away at market, and inventory goes back
/// where it came from once a venue has sold most of its own.
class CrossExchangeArbitrage : public Strategy {
 public:
  struct Options {
    double net_min_bps = 5.0, slippage_bps = 1.0, conversion_bps = 10.0;
    double cap = 0.25;        // of one deal, as a share of the equity
    double skew_max = 0.6;    // share of a venue's inventory that may be gone
    Nanos hold = 50'000'000;  // time that a gap must last
    Nanos age_max = 500'000'000, leg_time = 2 * one_second, transfer_time = 1'800 * one_second, cooldown = one_second;
  };
  static constexpr std::uint32_t most_repairs = 20;  // of one deal; then its instruments rest for good

  CrossExchangeArbitrage(const Options& options, Signals signals) : options_(options), signals_(std::move(signals)) {}

  void prepare(const MarketBatch& batch, std::span<std::uint8_t> attention) override;
  void on_row(const Observation& row, Desk& desk) override;
  void on_event(const ExchangeEvent& event, Desk& desk) override;
  void on_end(Desk& desk) override;

 private:
  struct Deal {
    std::uint32_t sell = 0, buy = 0;  // places of the touches
    std::vector<OrderId> pending;
    double sold = 0.0, bought = 0.0;    // base
    double proceeds = 0.0, paid = 0.0;  // in the account's asset, fees taken off and added
    double gross_bps = no_value, cost_bps = no_value;
    Nanos deadline = no_time, retry = no_time;
    std::uint32_t repairs = 0;
    bool is_active = false, is_late = false;
  };
  struct Market {  // one group at work
    VenueGroup group;
    Deal deal;
    Nanos idle_until = no_time;
    Nanos move_due = no_time;  // no_time: nothing is on its way
    bool is_halted = false;
  };
  struct Place {
    std::uint32_t market = 0, touch = 0;  // market: + 1; 0 = of no use to us
    bool is_learnt = false;
  };

  Place learn(InstrumentId instrument, Desk& desk);
  bool update(VenueTouch& touch, const Observation& row, const Desk& desk);
  bool is_fresh(const VenueTouch& touch, Nanos now) const;
  void consider(Market& market, std::size_t sell, std::size_t buy, const Observation& row, Desk& desk);
  VenueGap gap_of(const Market& market, const VenueTouch& sell, const VenueTouch& buy, const Desk& desk) const;
  double conversion_bps(const VenueTouch& sell, const VenueTouch& buy, const Desk& desk) const;
  double rebalancing_bps(const Market& market, const VenueTouch& sell, const VenueTouch& buy, double middle,
                         const Desk& desk) const;
  double size_of(const VenueTouch& sell, const VenueTouch& buy, double middle, const Desk& desk) const;
  void open(Market& market, std::size_t sell, std::size_t buy, double base, const VenueGap& gap, const Observation& row,
            Desk& desk);
  static OrderRequest leg_of(const VenueTouch& touch, Side side, double base, const Desk& desk);
  OrderId send(Market& market, const OrderRequest& request, const Decision& decision, Desk& desk);
  void mind(Market& market, Desk& desk);
  void settle(Market& market, Desk& desk);
  bool repair(Market& market, Desk& desk);
  void finish(Market& market, Desk& desk);
  bool is_skewed(const Market& market, const Desk& desk) const;
  void rebalance(Market& market, Desk& desk);
  void book(Deal& deal, const Fill& fill, Desk& desk) const;
  static double held(const VenueTouch& touch, const Desk& desk);
  static void tell(const VenueTouch& touch, std::string_view name, std::string_view effect, double value, Desk& desk,
                   double gain = no_value, double cost = no_value);

  Options options_;
  Signals signals_;
  std::vector<Market> markets_;
  std::vector<Place> places_;                // by instrument
  std::map<OrderId, std::uint32_t> orders_;  // open ones, by market
  Nanos local_ = no_time;                    // the receiver's clock
  std::uint64_t compared_ = 0, crossed_ = 0, above_fees_ = 0, stale_ = 0, paying_ = 0, deals_ = 0;
};

}  // namespace millrace
