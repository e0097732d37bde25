#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "millrace/engine/return_figures.h"
#include "millrace/engine/run_result.h"

namespace millrace {

// Figures of a run, from its equity at equal times and its round trips. Money is in the account's asset, shares are
// fractions (0.02 = 2 %), and what is not defined is `no_value`. docs/reports.md gives formula and source of each.

/// Depths are positive: 0.1 is a tenth below the highest equity so far.
struct DrawdownFigures {
  double deepest = no_value, deepest_money = 0.0;
  Nanos deepest_from = no_time, deepest_at = no_time, recovered = no_time;  // of the deepest; no_time: not yet
  Nanos longest = 0;  // from a peak to the equity that reaches it again, or to the end
  std::uint64_t episodes = 0;
  double average = no_value;      // of the deepest points of all episodes
  double ulcer = no_value;        // root of the mean square depth (Martin, McCann 1989)
  double under_water = no_value;  // share of the points below their peak
  double cdar95 = no_value;       // mean of the depths at or beyond their 95 % quantile (Chekhlov et al. 2005)
};

/// The peak starts at `capital`.
DrawdownFigures measure_drawdowns(std::span<const EquityPoint> equity, double capital);

/// Of closed round trips, after their fees and funding. Those still open at the end are counted, and no more.
struct TradeFigures {
  std::uint64_t count = 0, open = 0, wins = 0, losses = 0, draws = 0, longs = 0;
  std::uint64_t longest_wins = 0, longest_losses = 0;  // in a row, by the time they were left
  double hit_rate = no_value, hit_rate_error = no_value;
  double net = 0.0, profit_factor = no_value;
  double expectancy = no_value, expectancy_error = no_value, expectancy_ratio = no_value;  // money a trade; freqtrade's
  double average_win = no_value, average_loss = no_value, payoff = no_value, kelly = no_value, sqn = no_value;
  double best = no_value, worst = no_value;
  double average_return_bps = no_value, median_return_bps = no_value;  // of the notional at entry
  double average_hold_s = no_value, median_hold_s = no_value, winners_hold_s = no_value, losers_hold_s = no_value;
  double average_adverse_bps = no_value, average_favourable_bps = no_value;  // MAE, MFE
};

TradeFigures measure_trades(std::span<const RoundTrip> trades);

/// A month, a day or an hour of the account, UTC. A step belongs to the time at which it starts.
struct PeriodResult {
  Nanos start = no_time;
  double pnl = 0.0, equity = 0.0;  // equity: before it
  std::uint64_t steps = 0;
};

struct Performance {
  ReturnFigures steps, days;
  std::uint64_t uneven_steps = 0;  // over gaps, longer than `equity_step`; each counts as one return
  DrawdownFigures drawdown;
  TradeFigures trades, longs, shorts;
  std::vector<PeriodResult> by_day, by_month;
  std::array<std::array<PeriodResult, 24>, 7> by_hour;  // of the week, from Monday 0:00 UTC

  double days_span = 0.0;                                                  // from the first point to the last
  double net = 0.0, gross = 0.0, fees = 0.0, funding = 0.0, borrow = 0.0;  // gross: before fees, funding, borrow
  double spread = 0.0, impact = 0.0, delay = 0.0;  // in `gross`: what prices cost beside the mid
  double final_equity = 0.0, lowest_equity = no_value, highest_equity = no_value;
  double total_return = no_value;
  double cagr = no_value, calmar = no_value;                             // of `shortest_annualised` or more
  double return_over_drawdown = no_value, return_over_trade = no_value;  // hftbacktest's; the latter: net / turnover
  double ulcer_performance = no_value;                                   // total return / ulcer index
  double serenity = no_value;                          // total return / (ulcer index * cdar95 / volatility a year)
  double turnover = 0.0, turnover_per_day = no_value;  // money; times the mean equity
  double trades_per_day = no_value, fills_per_day = no_value;
  double exposure_time = no_value;  // share of the points with an open position
  double largest_position = no_value, mean_position = no_value, largest_leverage = no_value, mean_leverage = no_value;
  double luck_sharpe = no_value, deflated_sharpe = no_value;  // see `sharpe_by_luck`
};

/// Shorter runs have no annual growth: a good hour compounded to a year is no figure.
inline constexpr Nanos shortest_annualised = 30 * one_day;
inline constexpr Nanos one_year = 365 * one_day;  // markets never close

Performance measure_performance(const RunResult& run);

}  // namespace millrace
