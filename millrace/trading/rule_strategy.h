#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "millrace/trading/desk.h"
#include "millrace/trading/regime_overlay.h"
#include "millrace/trading/rule_program.h"
#include "millrace/trading/sizing.h"

namespace millrace {

/// A strategy that a file says as rules. Each instrument has a machine of its own:
///
///   FLAT -> ENTERING -> OPEN -> EXITING -> COOLDOWN -> FLAT,  HALTED from anywhere
///
/// Rules: `entry_long`, `entry_short`, `exit_long`, `exit_short` (conditions; several texts of an exit are alternatives
/// with names), `when` (rows on which entries and exits are looked at; left out: every row), `gain` (expected, bps),
/// `sigma` (of the log price over the holding time), `stop` and `trail` (distances in price, taken at entry), `close`
/// (what the trail follows; left out: the last price), `defensive` (conditions of the overlay), `defensive_stop` (the
/// widest distance while defensive, taken at entry).
///
/// Stops look at every row, as an order at the venue would; entries and exits look at rows of `when` only.
class RuleStrategy : public Strategy {
 public:
  struct Options {
    Sizing sizing;
    Nanos cooldown = 30 * one_second;
    Nanos time_stop = 0;  // 0 = none
    bool has_overlay = false;
    RegimeOverlay::Params overlay;
    bool may_enter_defensive = true;
    bool may_go_short = true;
  };

  RuleStrategy(RuleSet rules, const Plan& plan, const Options& options);

  void prepare(const MarketBatch& batch, std::span<std::uint8_t> attention) override;
  void on_row(const Observation& row, Desk& desk) override;
  void on_event(const ExchangeEvent& event, Desk& desk) override;

 private:
  enum class State : std::uint8_t { flat, entering, open, exiting, cooldown, halted };
  struct Machine {
    State state = State::flat;
    Side side = Side::unknown;
    OrderId order = 0;        // that is on its way
    std::uint8_t before = 0;  // entry conditions on the last row that was looked at
    Nanos entered = no_time, idle_until = no_time;
    double entry_price = no_value, best = no_value;
    double stop_distance = no_value, trail_distance = no_value, defensive_distance = no_value;
    double share = 1.0;          // of the risk, that is held
    std::string_view leave_why;  // an exit that turned true while the entry was on its way
    RegimeOverlay regime;
  };
  enum Bit : std::uint8_t {
    enter_long = 1,
    enter_short = 2,
    leave_long = 4,
    leave_short = 8,
    looked_at = 16,
    alarm = 32
  };

  Machine& machine(InstrumentId instrument);
  std::uint8_t conditions(std::size_t row) const;
  void enter(const Observation& row, Machine& at, Side side, Desk& desk);
  void mind(const Observation& row, Machine& at, Desk& desk);
  void leave(const Observation& row, Machine& at, Desk& desk, std::string_view why);
  std::string_view reason_to_leave(const Observation& row, const Machine& at);
  std::string_view stopped(const Observation& row, const Machine& at) const;
  std::string_view name_of_exit(const Observation& row, Side side);
  void settle(InstrumentId instrument, Machine& at, Desk& desk);
  void defend(const Observation& row, Machine& at, Desk& desk);
  double number(const std::optional<std::size_t>& rule) const;
  void run_numbers(const Observation& row);
  static double exit_price(const MarketRow& row, Side side);

  RuleSet rules_;
  Options options_;
  RuleProgram conditions_, numbers_;
  // Places in the results of the two programs.
  std::vector<std::size_t> long_entries_, short_entries_, long_exits_, short_exits_, when_, alarms_;
  std::optional<std::size_t> gain_, sigma_, stop_, trail_, close_, defensive_stop_;
  std::vector<std::uint32_t> condition_rules_;
  std::vector<Machine> machines_;           // by instrument
  std::map<OrderId, InstrumentId> orders_;  // entries and exits on their way
};

}  // namespace millrace
