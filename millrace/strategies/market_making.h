#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "millrace/strategies/signals.h"
#include "millrace/trading/desk.h"
#include "millrace/trading/regime_overlay.h"
#include "millrace/trading/rule_program.h"
#include "millrace/trading/strategy.h"
#include "millrace/trading/strategy_spec.h"

namespace millrace {

/// Quotes both sides about a fair price, which order flow lifts and inventory lowers. Source: Avellaneda, Stoikov
/// (2008), Quantitative Finance 8, 217-224; the shift is in relative terms:
///
///   fair = microprice + spread / 2 * clip(order flow, 1)      inventory: -1 to 1, of the limit
///   reservation = fair * (1 - gamma * variance of the horizon * inventory)
///   half spread = max(tick, 2.5 bps * (1 + 2 vpin), maker's fee + mean loss to the 5 s markout)
///
/// An unknown VPIN widens the spread as 1 does; what else is unknown pulls the quotes.
class MarketMaking final : public Strategy {
 public:
  struct Params {
    double inventory_limit, quote_size;  // of the equity
    double half_spread_bps, vpin_factor, ofi_cap, gamma, vpin_max, keep_bps, flatten_above, flatten_bps;
    double markout_fills;
    Nanos horizon, pull_time, replace_interval;
    bool has_overlay = false;
    RegimeOverlay::Params overlay;
  };
  static constexpr std::size_t most_waiting_fills = 10'000;  // for their markout; more are left out of the mean

  MarketMaking(const StrategySpec& spec, const RuleSet& rules, const Plan& plan);

  void prepare(const MarketBatch& batch, std::span<std::uint8_t> attention) override;
  void on_row(const Observation& row, Desk& desk) override;
  void on_event(const ExchangeEvent& event, Desk& desk) override;

 private:
  enum Value : std::size_t { microprice, order_flow, vpin, volatility, stale, book, alarm };
  enum Bit : std::uint8_t { pull_bit = 1, alarm_bit = 2 };

  struct WaitingFill {
    Nanos due = no_time;
    double side = 0.0, mid = 0.0;
  };
  struct Maker {                      // of one instrument
    std::array<OrderId, 2> quotes{};  // bid, ask
    OrderId flattening = 0;
    Nanos shown = no_time, next_replace = no_time, pulled_until = no_time;
    bool is_pulled = false, was_pulled_row = false;
    double adverse_bps = 0.0, adverse_fills = 0.0, last_mid = no_value;
    std::deque<WaitingFill> waiting;
    RegimeOverlay regime;
  };
  struct Target {
    Ticks price = 0;
    Lots size = 0;
  };
  struct Inventory {
    Lots held = 0, limit = 0, quote = 0;
    double share = 0.0;  // held / limit
  };

  Maker& maker(InstrumentId instrument);
  double value(Value which) const { return signals_[which]; }
  std::uint8_t bits_of(std::size_t row, Kind kind) const;
  std::string_view reason_to_pull(const Observation& row) const;
  void pull(Maker& at, Desk& desk);
  Inventory inventory_of(const Observation& row, const Maker& at, const Desk& desk) const;
  std::array<Target, 2> targets(const Observation& row, const Maker& at, const Inventory& inventory,
                                const Desk& desk) const;
  void replace(const Observation& row, OrderId& quote, Side side, const Target& target, Desk& desk);
  bool flatten(const Observation& row, Maker& at, const Inventory& inventory, Desk& desk);
  void settle_markouts(Maker& at, Nanos now);
  void forget_ended(Maker& at, const Desk& desk);

  Params params_;
  Signals signals_;
  RuleProgram defensive_;
  std::vector<Maker> makers_;  // by instrument
};

}  // namespace millrace
