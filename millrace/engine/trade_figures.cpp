#include <algorithm>
#include <cmath>

#include "millrace/engine/performance.h"

namespace millrace {

namespace {

double ratio(double over, double under) { return under > 0.0 ? over / under : no_value; }
double seconds(Nanos length) { return static_cast<double>(length) / 1e9; }

double median(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  return quantile_of_sorted(values, 0.5);
}

double mean(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) sum += value;
  return ratio(sum, static_cast<double>(values.size()));
}

/// In the order in which they ended.
std::vector<const RoundTrip*> closed_of(std::span<const RoundTrip> trades) {
  std::vector<const RoundTrip*> closed;
  for (const RoundTrip& trade : trades) {
    if (!trade.is_open) closed.push_back(&trade);
  }
  std::stable_sort(closed.begin(), closed.end(), [](const auto* a, const auto* b) { return a->left < b->left; });
  return closed;
}

void count_streaks(const std::vector<const RoundTrip*>& closed, TradeFigures& all) {
  std::uint64_t wins = 0, losses = 0;
  for (const RoundTrip* trade : closed) {
    const double net = trade->net();
    wins = net > 0.0 ? wins + 1 : 0;
    losses = net < 0.0 ? losses + 1 : 0;
    all.longest_wins = std::max(all.longest_wins, wins);
    all.longest_losses = std::max(all.longest_losses, losses);
  }
}

void measure_spread(const std::vector<const RoundTrip*>& closed, TradeFigures& all) {
  if (closed.size() < 2) return;
  const auto n = static_cast<double>(closed.size());
  double m2 = 0.0;
  for (const RoundTrip* trade : closed) m2 += (trade->net() - all.expectancy) * (trade->net() - all.expectancy);
  const double sd = std::sqrt(m2 / (n - 1.0));
  all.expectancy_error = sd / std::sqrt(n);
  if (sd > 1e-12 * std::abs(all.expectancy)) all.sqn = std::sqrt(n) * all.expectancy / sd;
}

/// Holding times, and moves in terms of the notional at entry.
void measure_paths(const std::vector<const RoundTrip*>& closed, TradeFigures& all) {
  std::vector<double> holds, winners, losers, returns, adverse, favourable;
  for (const RoundTrip* trade : closed) {
    const double hold = seconds(trade->left - trade->entered);
    holds.push_back(hold);
    if (trade->net() > 0.0) winners.push_back(hold);
    if (trade->net() < 0.0) losers.push_back(hold);
    if (!(trade->notional > 0.0)) continue;
    returns.push_back(1e4 * trade->net() / trade->notional);
    adverse.push_back(1e4 * trade->worst / trade->notional);
    favourable.push_back(1e4 * trade->best / trade->notional);
  }
  all.average_hold_s = mean(holds);
  all.median_hold_s = median(holds);
  all.winners_hold_s = mean(winners);
  all.losers_hold_s = mean(losers);
  all.average_return_bps = mean(returns);
  all.median_return_bps = median(returns);
  all.average_adverse_bps = mean(adverse);
  all.average_favourable_bps = mean(favourable);
}

}  // namespace

TradeFigures measure_trades(std::span<const RoundTrip> trades) {
  const std::vector<const RoundTrip*> closed = closed_of(trades);
  TradeFigures all{.count = closed.size(), .open = trades.size() - closed.size()};
  if (closed.empty()) return all;
  double won = 0.0, lost = 0.0;
  all.best = all.worst = closed.front()->net();
  for (const RoundTrip* trade : closed) {
    const double net = trade->net();
    all.longs += trade->is_long ? 1 : 0;
    all.wins += net > 0.0 ? 1 : 0;
    all.losses += net < 0.0 ? 1 : 0;
    won += std::max(net, 0.0);
    lost += std::max(-net, 0.0);
    all.net += net;
    all.best = std::max(all.best, net);
    all.worst = std::min(all.worst, net);
  }
  const auto n = static_cast<double>(closed.size());
  all.draws = all.count - all.wins - all.losses;
  all.hit_rate = static_cast<double>(all.wins) / n;
  const double shrunk =
      (static_cast<double>(all.wins) + 2.0) / (n + 4.0);  // Agresti, Coull (1998): not 0 at 0 or n wins
  all.hit_rate_error = std::sqrt(shrunk * (1.0 - shrunk) / (n + 4.0));
  all.profit_factor = ratio(won, lost);
  all.expectancy = all.net / n;
  all.average_win = ratio(won, static_cast<double>(all.wins));
  if (all.losses > 0) all.average_loss = -lost / static_cast<double>(all.losses);
  all.payoff = ratio(all.average_win, -all.average_loss);
  all.expectancy_ratio = (1.0 + all.payoff) * all.hit_rate - 1.0;
  all.kelly = all.hit_rate - ratio(1.0 - all.hit_rate, all.payoff);
  measure_spread(closed, all);
  count_streaks(closed, all);
  measure_paths(closed, all);
  return all;
}

}  // namespace millrace
