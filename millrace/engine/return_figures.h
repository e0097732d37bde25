#pragma once

#include <cstdint>
#include <span>

#include "millrace/market/tick.h"

namespace millrace {

// Figures of simple returns over equal times. Whatever is not defined, for want of observations or because it would
// divide by zero, is `no_value`; reports show it as a dash.

/// Moments are those of the sample (divided by n), but `sd`, which is divided by n - 1.
struct ReturnFigures {
  std::uint64_t count = 0;
  double per_year = no_value;  // periods in a year: annualised figures rest on it
  double mean = no_value, sd = no_value;
  double skew = no_value, kurtosis = no_value;  // 0 for a normal distribution
  double autocorrelation = no_value;            // of neighbours; sqrt(time) takes it to be 0

  double volatility = no_value;                       // a year
  double sharpe = no_value, sharpe_error = no_value;  // a year, without a riskless rate; Mertens (2002)
  double sharpe_error_normal = no_value;              // Lo (2002), of independent normal returns
  double probabilistic_sharpe = no_value;             // P(true Sharpe > 0); Bailey, López de Prado (2012)
  double sortino = no_value;                          // a year; downside deviation about 0 over all periods
  double omega = no_value, gain_to_pain = no_value;   // sum of gains / of losses; sum of returns / of losses
  double var95 = no_value, cvar95 = no_value;         // of one period, as a return: usually negative
  double tail_ratio = no_value;                       // |95 % quantile| / |5 % quantile|
  double best = no_value, worst = no_value;
  double gaining = no_value, losing = no_value;  // shares of the periods

  // quantstats', of periods and not of trades; docs/reports.md gives the formulas.
  double autocorrelation_penalty = no_value;                 // 1 or more
  double smart_sharpe = no_value, smart_sortino = no_value;  // a year, divided by the penalty
  double outlier_win = no_value, outlier_loss = no_value;    // 99 % and 1 % quantile / mean gain and mean loss
  double cpc_index = no_value, common_sense_ratio = no_value;
  double risk_of_ruin = no_value;
};

ReturnFigures measure_returns(std::span<const double> returns, double per_year);

/// What the best of `trials` strategies without any skill would show as its Sharpe ratio, in the unit of
/// `trial_sharpes`: their standard deviation times the expected maximum of as many normal numbers (Bailey, López de
/// Prado 2014). 0 for one trial; `no_value` where there are several trials but fewer than two Sharpe ratios.
double sharpe_by_luck(std::uint64_t trials, std::span<const double> trial_sharpes);

/// P(true Sharpe > `benchmark`), both a year.
double probability_above(const ReturnFigures& figures, double benchmark);

/// Type-7 quantile (Hyndman, Fan 1996) of ascending values; `no_value` of none.
double quantile_of_sorted(std::span<const double> sorted, double q);

}  // namespace millrace
