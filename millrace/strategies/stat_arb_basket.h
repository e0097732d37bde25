#pragma once

#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "millrace/strategies/factor_model.h"
#include "millrace/strategies/signals.h"
#include "millrace/trading/desk.h"
#include "millrace/trading/regime_overlay.h"
#include "millrace/trading/rule_program.h"
#include "millrace/trading/sizing.h"
#include "millrace/trading/strategy.h"
#include "millrace/trading/strategy_spec.h"

namespace millrace {

/// Trades what names do beyond the factors of their basket. At the end of each bar of a grid that all share, returns
/// are added to a history; at the first bar of a day factors are fitted on the days before; then each name's residual
/// of the last bars, summed, is fitted as a process that returns to its mean, and far from it the name is traded
/// together with its hedge. A trade is an amount of money times the weights of `FactorModel::hedged`; positions are the
/// sum over the trades.
class StatArbBasket final : public Strategy {
 public:
  struct Params {
    Sizing sizing;
    Nanos bar, fit_time, time_stop;
    std::size_t factors, join_bars, residual_bars;
    double half_life_max, entry_s, exit_s, stop_s, gross_max, exposure_max;
    bool has_overlay = false;
    RegimeOverlay::Params overlay;
  };
  static constexpr std::size_t least_members = 10;
  static constexpr std::size_t most_bars = 100'000;  // of the history; a longer `fit_time` is an error

  StatArbBasket(const StrategySpec& spec, const RuleSet& rules, const Plan& plan);

  void prepare(const MarketBatch& batch, std::span<std::uint8_t> attention) override;
  void on_row(const Observation& row, Desk& desk) override;
  void on_event(const ExchangeEvent& event, Desk& desk) override;

 private:
  enum Bit : std::uint8_t { bar_bit = 1, alarm_bit = 2 };
  struct Trade {   // of what a name does beyond the factors
    int side = 0;  // 0 = none
    double money = 0.0;
    Nanos since = no_time;
  };
  struct Name {  // of one instrument
    double close = no_value;
    Trade trade;
    bool is_armed = false;  // the distance was small since the last entry
    Lots wanted = 0;
    bool is_unfilled = false;
    Nanos next_try = no_time;
  };

  void close_bar(const Observation& row, Desk& desk);
  double close_of(const Observation& row, InstrumentId id, Nanos end, const Desk& desk);
  void fit(Nanos end);
  std::vector<double> path_of(Eigen::Index member) const;
  bool judge(const Observation& row, Eigen::Index member, Desk& desk);
  std::string_view reason_to_end(const Trade& trade, const std::optional<OuFit>& ou, Nanos now) const;
  bool enter(const Observation& row, Eigen::Index member, const OuFit& ou, Desk& desk);
  double cost_bps(Eigen::Index member, double money, const Desk& desk) const;
  double money_of_lot(InstrumentId id, const Desk& desk) const;
  double measured_exposure(const Desk& desk) const;
  Eigen::VectorXd hedged_around(const Eigen::VectorXd& money, const Desk& desk) const;
  void set_targets(const Desk& desk, Nanos now);
  void send_all(Desk& desk, std::string_view why);
  void send(InstrumentId id, Desk& desk);

  Params params_;
  enum Value : std::size_t { before, age };
  Signals signals_;
  RuleProgram defensive_;
  Nanos bar_seen_ = no_time;                 // end of the newest bar that `prepare` has marked
  Nanos bar_end_ = no_time, day_ = no_time;  // of the newest bar that was closed; of the newest fit
  std::size_t instruments_ = 0;
  std::vector<Name> names_;                  // by instrument
  std::deque<std::vector<double>> history_;  // returns by instrument, of the last bars; NaN: missing
  std::optional<FactorModel> model_;
  std::vector<Eigen::VectorXd> residuals_;  // by member, of the last bars
  RegimeOverlay regime_;
  std::string_view why_;
};

}  // namespace millrace
