#pragma once

#include <array>
#include <map>
#include <string>

#include "millrace/strategies/signals.h"
#include "millrace/trading/desk.h"

namespace millrace {

/// Long spot and short a derivative of the same base, as long as what the short is expected to earn pays for the four
/// trades and more. Of a perpetual that is funding, of a dated future the basis at its end.
///
///   FLAT -> ENTERING -> OPEN -> EXITING -> COOLDOWN -> FLAT
class FundingCarry : public Strategy {
 public:
  struct Options {
    std::string spot, perp;  // "venue:symbol"
    double apr_min_bps = 200.0, slippage_bps = 2.0, borrow_apr = 0.0, basis_capture = 1.0;
    double cap = 0.25, leverage_max = 3.0;
    double margin_entry = 0.30, margin_exit = 0.15;  // distance of the liquidation price
    double basis_sd_max = 3.0, delta_max = 0.02;
    int negative_stamps_max = 3;
    Nanos hold = 30 * one_day, interval = 28'800 * one_second;  // interval: where rows do not tell it
    Nanos decide_every = 60 * one_second, cooldown = 30 * one_second;
  };

  FundingCarry(Options options, Signals signals) : options_(std::move(options)), signals_(std::move(signals)) {}

  void prepare(const MarketBatch& batch, std::span<std::uint8_t> attention) override;
  bool looks_between_marks() const override { return false; }
  void on_row(const Observation& row, Desk& desk) override;
  void on_event(const ExchangeEvent& event, Desk& desk) override;
  void on_end(Desk& desk) override;

 private:
  enum class State : std::uint8_t { flat, entering, open, exiting, cooldown };
  struct Edge {
    double bps = no_value, apr_bps = no_value;  // after costs
    double cost_bps = no_value;                 // four fees, spreads on the way out, slippage, borrowing
  };

  void find_legs(Desk& desk);
  void learn(const Observation& row);
  Edge edge(const Desk& desk) const;
  double basis(const Desk& desk) const;
  bool is_dated(const Desk& desk) const { return desk.spec(perp_).expiry != no_time; }
  double base(InstrumentId instrument, const Desk& desk) const;
  double affordable_base(const Desk& desk) const;
  double margin_distance(const Desk& desk) const;
  void enter(const Observation& row, const Edge& edge, Desk& desk);
  void mind(const Observation& row, const Edge& edge, Desk& desk);
  std::string_view reason_to_leave(const Edge& edge, const Desk& desk) const;
  void keep_neutral(Desk& desk);
  void leave(Desk& desk, std::string_view why);
  void settle(Desk& desk);
  bool send(const OrderRequest& request, const Decision& decision, Desk& desk);
  void tell(std::string_view name, std::string_view effect, double value, Desk& desk, double gain = no_value,
            double cost = no_value) const;

  Options options_;
  Signals signals_;
  InstrumentId spot_ = no_instrument, perp_ = no_instrument;
  std::vector<Nanos> prepared_;  // by instrument: the step of its newest marked row

  double funding_ = no_value, interval_s_ = no_value, basis_sd_ = no_value;
  Nanos stamp_ = no_time;  // the next payment
  int negative_stamps_ = 0;
  bool was_worth_it_ = false;

  State state_ = State::flat;
  double entry_basis_ = no_value;
  Nanos idle_until_ = no_time;
  std::map<OrderId, InstrumentId> orders_;
  std::uint64_t stamps_held_ = 0;
  double funding_booked_ = 0.0;
};

}  // namespace millrace
