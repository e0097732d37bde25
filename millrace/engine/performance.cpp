#include "millrace/engine/performance.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace millrace {

namespace {

double ratio(double over, double under) { return under > 0.0 ? over / under : no_value; }
double days_of(Nanos length) { return static_cast<double>(length) / static_cast<double>(one_day); }

Nanos floor_to(Nanos time, Nanos step) {
  const Nanos over = time % step;
  return time - (over < 0 ? over + step : over);
}

/// Returns of the steps; the last, shorter one has none, since it is not over an equal time.
std::vector<double> returns_of(const RunResult& run, std::uint64_t& uneven) {
  std::vector<double> returns;
  for (std::size_t i = 1; i < run.equity.size(); ++i) {
    const EquityPoint &before = run.equity[i - 1], &now = run.equity[i];
    const Nanos step = now.ts - before.ts;
    if (step < run.equity_step || !(before.equity > 0.0)) continue;
    uneven += step > run.equity_step ? 1 : 0;
    returns.push_back(now.equity / before.equity - 1.0);
  }
  return returns;
}

void add_step(PeriodResult& period, Nanos start, const EquityPoint& before, const EquityPoint& now) {
  if (period.steps == 0) {
    period.start = start;
    period.equity = before.equity;
  }
  period.pnl += now.equity - before.equity;
  ++period.steps;
}

Nanos month_of(Nanos day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day / one_day}}};
  return std::chrono::sys_days{date.year() / date.month() / 1}.time_since_epoch().count() * one_day;
}

/// From days in order.
std::vector<PeriodResult> months_of(const std::vector<PeriodResult>& by_day) {
  std::vector<PeriodResult> months;
  for (const PeriodResult& day : by_day) {
    const Nanos start = month_of(day.start);
    if (months.empty() || months.back().start != start) months.push_back({.start = start, .equity = day.equity});
    months.back().pnl += day.pnl;
    months.back().steps += day.steps;
  }
  return months;
}

void measure_periods(const RunResult& run, Performance& all) {
  for (std::size_t i = 1; i < run.equity.size(); ++i) {
    const EquityPoint& before = run.equity[i - 1];
    const Nanos day = floor_to(before.ts, one_day);
    if (all.by_day.empty() || all.by_day.back().start != day) all.by_day.emplace_back();
    add_step(all.by_day.back(), day, before, run.equity[i]);
    const auto weekday = static_cast<std::size_t>(((day / one_day + 3) % 7 + 7) % 7);  // 1970-01-01 was a Thursday
    const auto hour = static_cast<std::size_t>((before.ts - day) / (3'600 * one_second));
    add_step(all.by_hour[weekday][hour], floor_to(before.ts, 3'600 * one_second), before, run.equity[i]);
  }
  all.by_month = months_of(all.by_day);
  std::vector<double> returns;
  for (const PeriodResult& day : all.by_day) {
    if (day.equity > 0.0) returns.push_back(day.pnl / day.equity);
  }
  all.days = measure_returns(returns, days_of(one_year));
}

void measure_money(const RunResult& run, Performance& all) {
  all.final_equity = run.capital;
  if (!run.equity.empty()) {
    const EquityPoint& last = run.equity.back();
    all.final_equity = last.equity;
    all.fees = last.fees;
    all.funding = last.funding;
    all.borrow = last.borrow;
  }
  all.net = all.final_equity - run.capital;
  all.gross = all.net + all.fees - all.funding - all.borrow;
  all.total_return = ratio(all.net, run.capital);
  for (const SymbolResult& symbol : run.symbols) {
    all.spread += symbol.spread_cost;
    all.impact += symbol.impact_cost;
    all.delay += symbol.delay_cost;
    all.turnover += symbol.turnover;
  }
  all.return_over_trade = ratio(all.net, all.turnover);
}

void measure_exposure(const RunResult& run, Performance& all) {
  if (run.equity.empty()) return;
  std::size_t open = 0;
  double equity = 0.0, positions = 0.0, leverage = 0.0;
  all.lowest_equity = all.highest_equity = run.equity.front().equity;
  all.largest_position = all.largest_leverage = 0.0;
  for (const EquityPoint& point : run.equity) {
    open += point.open_positions > 0 ? 1 : 0;
    equity += point.equity;
    positions += point.gross_exposure;
    all.largest_position = std::max(all.largest_position, point.gross_exposure);
    all.lowest_equity = std::min(all.lowest_equity, point.equity);
    all.highest_equity = std::max(all.highest_equity, point.equity);
    if (!(point.equity > 0.0)) continue;
    leverage += point.gross_exposure / point.equity;
    all.largest_leverage = std::max(all.largest_leverage, point.gross_exposure / point.equity);
  }
  const auto n = static_cast<double>(run.equity.size());
  all.exposure_time = static_cast<double>(open) / n;
  all.mean_position = positions / n;
  all.mean_leverage = leverage / n;
  all.days_span = days_of(run.equity.back().ts - run.equity.front().ts);
  if (!(all.days_span > 0.0)) return;
  all.trades_per_day = static_cast<double>(run.trades_total) / all.days_span;
  all.fills_per_day = static_cast<double>(run.fills_total) / all.days_span;
  all.turnover_per_day = ratio(all.turnover, equity / n * all.days_span);
}

/// Mean of the values at or beyond their quantile `q`.
double mean_beyond(std::vector<double>& values, double q) {
  std::sort(values.begin(), values.end());
  const double from = quantile_of_sorted(values, q);
  const auto first = std::lower_bound(values.begin(), values.end(), from);
  double sum = 0.0;
  for (auto one = first; one != values.end(); ++one) sum += *one;
  return ratio(sum, static_cast<double>(values.end() - first));
}

}  // namespace

Performance measure_performance(const RunResult& run) {
  Performance all;
  measure_money(run, all);
  measure_exposure(run, all);
  const double per_year =
      run.equity_step > 0 ? static_cast<double>(one_year) / static_cast<double>(run.equity_step) : no_value;
  all.steps = measure_returns(returns_of(run, all.uneven_steps), per_year);
  measure_periods(run, all);
  all.drawdown = measure_drawdowns(run.equity, run.capital);
  all.trades = measure_trades(run.trades);
  for (const bool is_long : {true, false}) {
    std::vector<RoundTrip> side;
    std::copy_if(run.trades.begin(), run.trades.end(), std::back_inserter(side),
                 [is_long](const RoundTrip& trade) { return trade.is_long == is_long; });
    (is_long ? all.longs : all.shorts) = measure_trades(side);
  }
  all.return_over_drawdown = ratio(all.total_return, all.drawdown.deepest);
  all.ulcer_performance = ratio(all.total_return, all.drawdown.ulcer);
  const double pitfall = ratio(all.drawdown.cdar95, all.steps.volatility);
  all.serenity = ratio(all.total_return, all.drawdown.ulcer * pitfall);
  if (all.days_span >= days_of(shortest_annualised) && all.final_equity > 0.0 && run.capital > 0.0) {
    all.cagr = std::pow(all.final_equity / run.capital, days_of(one_year) / all.days_span) - 1.0;
    all.calmar = ratio(all.cagr, all.drawdown.deepest);
  }
  all.luck_sharpe = sharpe_by_luck(run.trials, run.trial_sharpes);
  all.deflated_sharpe = probability_above(all.steps, all.luck_sharpe);
  return all;
}

DrawdownFigures measure_drawdowns(std::span<const EquityPoint> equity, double capital) {
  DrawdownFigures all;
  if (equity.empty()) return all;
  double peak = std::max(capital, equity.front().equity), squares = 0.0, episode = 0.0, depths = 0.0;
  Nanos peak_at = equity.front().ts;
  std::size_t under = 0;
  std::vector<double> every;
  all.deepest = 0.0;
  const auto close_episode = [&](Nanos ts) {
    if (episode == 0.0) return;
    all.longest = std::max(all.longest, ts - peak_at);
    depths += episode;
    ++all.episodes;
    episode = 0.0;
  };
  for (const EquityPoint& point : equity) {
    if (point.equity >= peak) {
      if (episode > 0.0 && all.deepest_from == peak_at) all.recovered = point.ts;
      close_episode(point.ts);
      peak = point.equity;
      peak_at = point.ts;
      every.push_back(0.0);
      continue;
    }
    const double depth = peak > 0.0 ? (peak - point.equity) / peak : 0.0;
    squares += depth * depth;
    every.push_back(depth);
    ++under;
    episode = std::max(episode, depth);
    all.deepest_money = std::max(all.deepest_money, peak - point.equity);
    if (depth <= all.deepest) continue;
    all.deepest = depth;
    all.deepest_from = peak_at;
    all.deepest_at = point.ts;
    all.recovered = no_time;
  }
  close_episode(equity.back().ts);
  if (all.episodes > 0) all.average = depths / static_cast<double>(all.episodes);
  const auto n = static_cast<double>(equity.size());
  all.ulcer = std::sqrt(squares / n);
  all.under_water = static_cast<double>(under) / n;
  all.cdar95 = mean_beyond(every, 0.95);
  return all;
}

}  // namespace millrace
