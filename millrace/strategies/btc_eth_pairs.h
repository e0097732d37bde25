#pragma once

#include <array>
#include <deque>
#include <map>
#include <string>

#include "millrace/strategies/signals.h"
#include "millrace/trading/desk.h"
#include "millrace/trading/sizing.h"

namespace millrace {

/// Trades the distance of ln ETH from what ln BTC makes it to be. The hedge ratio comes from a Kalman filter; entries
/// look at the innovation, which is what the filter did not know, and from then on alpha, beta and sigma stay as they
/// were: a filter that goes on learning would declare every loss to be the new normal.
///
///   FLAT -> ENTERING -> OPEN -> EXITING -> COOLDOWN -> FLAT
class BtcEthPairs : public Strategy {
 public:
  struct Options {
    std::string eth, btc;  // "venue:symbol"
    Sizing sizing;
    double entry_z = 2.0, exit_z = 0.25, stop_z = 4.0;
    double beta_drift_max = 0.01;  // of the hedge ratio in an hour
    Nanos half_life_least = 300 * one_second, half_life_most = 28'800 * one_second;
    std::size_t half_life_window = 480;  // steps of `slow_step`
    Nanos slow_step = 60 * one_second, tolerance = 100'000'000;
    Nanos time_stop = 28'800 * one_second, cooldown = 30 * one_second;
  };
  static constexpr double unhedged_max = 0.05;  // of the hedge, beyond which a pair is no pair

  BtcEthPairs(Options options, Signals signals) : options_(std::move(options)), signals_(std::move(signals)) {}

  void prepare(const MarketBatch& batch, std::span<std::uint8_t> attention) override;
  bool looks_between_marks() const override { return false; }
  void on_row(const Observation& row, Desk& desk) override;
  void on_event(const ExchangeEvent& event, Desk& desk) override;

 private:
  enum class State : std::uint8_t { flat, entering, open, exiting, cooldown };
  enum Leg : std::size_t { eth, btc };
  struct Model {  // ln ETH = alpha + beta * ln BTC + spread
    double alpha = no_value, beta = no_value;
    double spread(double y, double x) const { return y - beta * x - alpha; }
  };
  struct Sample {
    double y, x;
  };

  void find_legs(const Desk& desk);
  void learn(const Observation& row);
  void decide(const Observation& row, Desk& desk);
  std::string_view objection(const Observation& row, const Desk& desk) const;
  double half_life_s(const Model& model) const;
  void enter(const Observation& row, Side side, Desk& desk);
  void mind(const Observation& row, Desk& desk);
  void leave(const Observation& row, Desk& desk, std::string_view why);
  void after_entry(Desk& desk);
  void after_exit(Desk& desk);
  double brought(const Desk& desk) const;
  double worth(Leg leg, const Desk& desk) const;
  double unhedged(const Desk& desk) const;

  Options options_;
  Signals signals_;
  std::array<InstrumentId, 2> legs_{no_instrument, no_instrument};
  double last_spread_ = no_value;  // while preparing

  // What the last pair of observations told.
  Model model_, before_;  // after it, and before it
  double y_ = no_value, x_ = no_value, spread_ = no_value, sigma_ = no_value, alarm_ = no_value,
         beta_hour_ago_ = no_value;
  std::deque<Sample> history_;  // one for each slow step
  Nanos sampled_ = no_time;
  bool was_low_ = false, was_high_ = false;

  State state_ = State::flat;
  Model frozen_;
  double frozen_sigma_ = no_value, brought_before_ = 0.0;
  Side side_ = Side::unknown;  // of the ETH leg
  Nanos entered_ = no_time, idle_until_ = no_time;
  std::map<OrderId, InstrumentId> orders_;
};

}  // namespace millrace
