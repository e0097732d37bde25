#pragma once

#include <array>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "millrace/engine/backtest.h"
#include "millrace/graph/cross_plan.h"
#include "millrace/trading/rule_program.h"

namespace millrace {

/// What a run knows of the market that it trades: instruments with their specifications, money, rates, and what the
/// input has. It makes lanes.
class RunMarket {
 public:
  RunMarket(const BacktestOptions& options, const Instruments& instruments)
      : options_(options), instruments_(instruments) {}

  /// What the strategy needs and the source's columns do not have is an Error(Fault::input).
  void check_needs(const StrategySpec& strategy, const Source& source);

  /// Learns of instruments that have appeared; `tell` is called with each new known price step.
  template <class Tell>
  void learn(Tell&& tell) {
    for (auto id = static_cast<InstrumentId>(specs_.size()); id < instruments_.size(); ++id) {
      specs_.push_back(spec_for(id));
      if (specs_.back().is_known) tell(id, specs_.back().price(1));
    }
  }
  void learn() {
    learn([](InstrumentId, double) {});
  }

  /// Any thread may ask for it.
  InstrumentSpec spec_for(InstrumentId id) const {
    if (is_wanted(id)) return spec_of(instruments_[id], options_.instruments);
    return {.venue = instruments_[id].venue, .symbol = instruments_[id].symbol};
  }

  /// Looks at the first rows: what they hold, which wallets there are. Throws Error(Fault::input or config).
  void begin(const StrategySpec& strategy, const Chunk& chunk);

  /// `fees` live longer. `multiple` of the money, and of the largest order.
  std::unique_ptr<Lane> make_lane(const StrategySpec& strategy, const RuleSet& rules, const Plan& plan,
                                  const Lane::Options& options, const FeeTable& fees, double multiple = 1.0) const;

  const SpecBook& specs() const { return specs_; }
  const std::string& account_asset() const { return account_asset_; }
  const std::vector<std::string>& notes() const { return notes_; }
  bool is_wanted(InstrumentId id) const;

 private:
  struct Inventory {
    InstrumentId instrument = no_instrument;
    Lots size = 0;
    Ticks price = 0;  // of its first row
  };
  void check_markets(const StrategySpec& strategy, const Chunk& chunk) const;
  void find_deposits(const Chunk& chunk);
  void find_inventory(const Deposit& deposit, const Chunk& chunk);
  Rates make_rates() const;
  void check_count(const StrategySpec& strategy, std::size_t least) const;
  void check_fees(const FeeTable& fees) const;

  const BacktestOptions& options_;
  const Instruments& instruments_;
  SpecBook specs_;
  std::vector<Deposit> deposits_;  // of money
  std::vector<Inventory> inventory_;
  std::string account_asset_;
  std::vector<std::string> notes_;
  bool has_quotes_ = true;
};

}  // namespace millrace
