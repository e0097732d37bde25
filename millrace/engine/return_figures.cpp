#include "millrace/engine/return_figures.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "millrace/kernels/numerics/normal.h"

namespace millrace {

namespace {

constexpr std::uint64_t fewest_returns = 3;  // below, spread and Sharpe ratio say nothing
constexpr double rounding = 1e-12;           // a spread this small beside the mean is rounding

double normal_probability(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

double ratio(double over, double under) { return under > 0.0 ? over / under : no_value; }

/// Of the Sharpe ratio `sharpe` of one period (Mertens 2002; Opdyke 2007).
double error_of_sharpe(const ReturnFigures& figures, double sharpe) {
  const double n = static_cast<double>(figures.count);
  const double variance = 1.0 - figures.skew * sharpe + 0.25 * (figures.kurtosis + 2.0) * sharpe * sharpe;
  return variance > 0.0 ? std::sqrt(variance / (n - 1.0)) : no_value;
}

void measure_moments(std::span<const double> returns, ReturnFigures& figures) {
  const auto n = static_cast<double>(returns.size());
  double sum = 0.0;
  for (const double r : returns) sum += r;
  figures.mean = sum / n;
  double m2 = 0.0, m3 = 0.0, m4 = 0.0, neighbours = 0.0, before = 0.0;
  for (const double r : returns) {
    const double d = r - figures.mean;
    m2 += d * d;
    m3 += d * d * d;
    m4 += d * d * d * d;
    neighbours += d * before;
    before = d;
  }
  if (returns.size() < fewest_returns) return;
  figures.sd = std::sqrt(m2 / (n - 1.0));
  if (figures.sd <= rounding * std::abs(figures.mean)) return;
  figures.skew = m3 / n / std::pow(m2 / n, 1.5);
  figures.kurtosis = m4 / n / (m2 / n * m2 / n) - 3.0;
  figures.autocorrelation = neighbours / m2;
}

void measure_sides(std::span<const double> returns, ReturnFigures& figures) {
  const auto n = static_cast<double>(returns.size());
  double gains = 0.0, losses = 0.0, downside = 0.0;
  std::size_t up = 0, down = 0;
  for (const double r : returns) {
    gains += std::max(r, 0.0);
    losses += std::max(-r, 0.0);
    if (r < 0.0) downside += r * r;
    up += r > 0.0 ? 1 : 0;
    down += r < 0.0 ? 1 : 0;
  }
  figures.gaining = static_cast<double>(up) / n;
  figures.losing = static_cast<double>(down) / n;
  figures.omega = ratio(gains, losses);
  figures.gain_to_pain = ratio(gains - losses, losses);
  figures.sortino = ratio(figures.mean * std::sqrt(figures.per_year), std::sqrt(downside / n));
}

void measure_tails(std::span<const double> returns, ReturnFigures& figures) {
  std::vector<double> sorted(returns.begin(), returns.end());
  std::sort(sorted.begin(), sorted.end());
  figures.worst = sorted.front();
  figures.best = sorted.back();
  if (returns.size() < fewest_returns) return;
  figures.var95 = quantile_of_sorted(sorted, 0.05);
  figures.tail_ratio = ratio(std::abs(quantile_of_sorted(sorted, 0.95)), std::abs(figures.var95));
  double sum = 0.0;
  std::size_t beyond = 0;
  for (; beyond < sorted.size() && sorted[beyond] <= figures.var95; ++beyond) sum += sorted[beyond];
  if (beyond > 0) figures.cvar95 = sum / static_cast<double>(beyond);
}

/// sqrt(1 + 2 sum over k of (1 - k/n) |rho|^k), k from 1 to n - 1, as a closed sum.
double penalty_of(double autocorrelation, double n) {
  const double rho = std::abs(autocorrelation), rest = 1.0 - rho;
  if (!(rest > 0.0)) return no_value;
  return std::sqrt(1.0 + 2.0 * (rho / rest - rho * (1.0 - std::pow(rho, n)) / (n * rest * rest)));
}

/// What quantstats makes of gains and losses of periods. Periods without either are no wins and no losses, but count
/// in the mean gain of `outlier_win`, as there.
void measure_wins(std::span<const double> returns, ReturnFigures& figures) {
  double gains = 0.0, losses = 0.0, up = 0.0, down = 0.0;
  for (const double r : returns) {
    gains += std::max(r, 0.0);
    losses += std::max(-r, 0.0);
    up += r > 0.0 ? 1.0 : 0.0;
    down += r < 0.0 ? 1.0 : 0.0;
  }
  const auto n = static_cast<double>(returns.size());
  const double wins = ratio(up, up + down);
  figures.cpc_index = figures.omega * wins * ratio(ratio(gains, up), ratio(losses, down));
  figures.common_sense_ratio = figures.omega * figures.tail_ratio;
  figures.risk_of_ruin = std::pow((1.0 - wins) / (1.0 + wins), n);
  if (returns.size() < fewest_returns) return;
  std::vector<double> sorted(returns.begin(), returns.end());
  std::sort(sorted.begin(), sorted.end());
  figures.outlier_win = ratio(quantile_of_sorted(sorted, 0.99), ratio(gains, n - down));
  figures.outlier_loss = ratio(-quantile_of_sorted(sorted, 0.01), ratio(losses, down));
}

}  // namespace

ReturnFigures measure_returns(std::span<const double> returns, double per_year) {
  ReturnFigures figures{.count = returns.size(), .per_year = per_year};
  if (returns.empty()) return figures;
  measure_moments(returns, figures);
  measure_sides(returns, figures);
  measure_tails(returns, figures);
  measure_wins(returns, figures);
  if (std::isnan(figures.sd)) return figures;
  figures.volatility = figures.sd * std::sqrt(per_year);
  if (std::isnan(figures.skew)) return figures;  // returns that do not differ have no Sharpe ratio
  const double sharpe = figures.mean / figures.sd;
  figures.sharpe = sharpe * std::sqrt(per_year);
  figures.sharpe_error = error_of_sharpe(figures, sharpe) * std::sqrt(per_year);
  figures.sharpe_error_normal =
      std::sqrt((1.0 + 0.5 * sharpe * sharpe) / (static_cast<double>(figures.count) - 1.0) * per_year);
  figures.probabilistic_sharpe = probability_above(figures, 0.0);
  figures.autocorrelation_penalty = penalty_of(figures.autocorrelation, static_cast<double>(figures.count));
  figures.smart_sharpe = figures.sharpe / figures.autocorrelation_penalty;
  figures.smart_sortino = figures.sortino / figures.autocorrelation_penalty;
  return figures;
}

double sharpe_by_luck(std::uint64_t trials, std::span<const double> trial_sharpes) {
  if (trials <= 1) return 0.0;
  if (trial_sharpes.size() < 2) return no_value;
  const auto n = static_cast<double>(trial_sharpes.size());
  double mean = 0.0, m2 = 0.0;
  for (const double sharpe : trial_sharpes) mean += sharpe / n;
  for (const double sharpe : trial_sharpes) m2 += (sharpe - mean) * (sharpe - mean);
  const auto tried = static_cast<double>(trials);
  const double highest = (1.0 - std::numbers::egamma) * normal_quantile(1.0 - 1.0 / tried) +
                         std::numbers::egamma * normal_quantile(1.0 - 1.0 / (tried * std::numbers::e));
  return std::sqrt(m2 / (n - 1.0)) * highest;
}

double probability_above(const ReturnFigures& figures, double benchmark) {
  if (std::isnan(figures.sharpe) || std::isnan(benchmark)) return no_value;
  const double unit = std::sqrt(figures.per_year);
  const double error = error_of_sharpe(figures, figures.sharpe / unit);
  return error > 0.0 ? normal_probability((figures.sharpe - benchmark) / unit / error) : no_value;
}

double quantile_of_sorted(std::span<const double> sorted, double q) {
  if (sorted.empty()) return no_value;
  const double at = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const double low = sorted[below], high = sorted[std::min(below + 1, sorted.size() - 1)];
  return low + (at - static_cast<double>(below)) * (high - low);
}

}  // namespace millrace
