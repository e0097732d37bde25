#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "millrace/trading/exchange.h"

namespace millrace {

// What a run leaves behind, in backtest, paper and live alike. Money here is in the account's asset, as doubles: books
// are in amounts, reports are not books.

/// One order from decision to end.
struct OrderRecord {
  Order order;
  Nanos decided = no_time;                 // ts_event of the row it was decided on
  Nanos ended = no_time;                   // when we learnt of its end; no_time = still open
  OrderReason reason = OrderReason::none;  // why it was blocked, rejected or cancelled; none: filled
  std::string status;                      // "filled", "cancelled", "rejected", "blocked", "open"
  Lots filled = 0;
  double decision_mid = no_value;  // middle (or last price) on the row it was decided on
  double expected_gain_bps = no_value, expected_cost_bps = no_value;  // of the edge test, where one was made
  std::string why;                                                    // the strategy's reason: "entry_long", "stop"
};

struct FillRecord {
  Fill fill;
  Nanos ts_venue = no_time, ts_local = no_time;
  double price = no_value, size = no_value;  // in quote per base, in base (or contracts)
  double notional = 0.0;                     // all money from here on in the account's asset
  double fee = 0.0, realised = 0.0;          // realised: before fees
  double spread_cost = 0.0;                  // distance of the touch from the middle; negative for a maker
  double impact_cost = 0.0;                  // what the fill paid beyond the touch
  double delay_cost = 0.0;                   // move of the middle from decision to fill, against us
  double markout_1s = no_value, markout_5s = no_value, markout_30s = no_value;  // move of the middle after it, for us
  std::string why;
};

/// The account at equal times.
struct EquityPoint {
  Nanos ts = no_time;
  double equity = 0.0, cash = 0.0;
  double gross_exposure = 0.0, net_exposure = 0.0;                 // of open positions
  double realised = 0.0, fees = 0.0, funding = 0.0, borrow = 0.0;  // since the start
  std::uint32_t open_positions = 0;
};

/// From flat to flat in one instrument.
struct RoundTrip {
  InstrumentId instrument = no_instrument;
  bool is_long = true, is_open = false;  // open: the run ended first; valued at the last mark
  Nanos entered = no_time, left = no_time;
  double entry_price = no_value, exit_price = no_value;  // averages
  double size = 0.0, notional = 0.0;                     // at most; at entry
  double pnl = 0.0, fees = 0.0, funding = 0.0;           // pnl: before fees and funding
  double worst = 0.0, best = 0.0;                        // unrealised pnl on the way (MAE, MFE)
  std::string entry_why, exit_why;

  double net() const { return pnl - fees + funding; }
};

/// A row on which a rule or a strategy said something.
struct SignalRecord {
  Nanos ts = no_time;
  InstrumentId instrument = no_instrument;
  std::string signal;  // "entry_long", "exit_long", "stop", "quote"
  std::string effect;  // "order", "blocked", "in position", …
  double value = no_value, expected_gain_bps = no_value, expected_cost_bps = no_value;
  double price = no_value;
};

}  // namespace millrace
