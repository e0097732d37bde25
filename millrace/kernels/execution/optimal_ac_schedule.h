#pragma once

#include <array>
#include <cmath>

#include "millrace/base/error.h"
#include "millrace/kernels/function_family.h"

namespace millrace {

/// Urgency grows with volatility and with the dislike of risk; without either the slices are equal. The hyperbolic
/// sines are taken as a ratio of exponentials, so that a long horizon does not overflow.
struct OptimalAcSchedule {
  static constexpr Doc doc{
      .name = "optimal_ac_schedule",
      .title = "Holdings that balance impact against risk",
      .formula =
          "x_j = Q * sinh(kappa (T - t_j)) / sinh(kappa T),  trades x_(j-1) - x_j;  2 / tau^2 * (cosh(kappa tau) "
          "- 1) = lambda * sigma^2 / (eta - gamma * tau / 2),  tau = T / slices",
      .unit = "kappa: 1 / unit of the horizon; holdings and trades: unit of the quantity",
      .warmup = "none",
      .reference = "Almgren, Chriss (2001), J. Risk 3(2), 5-39",
  };

  struct Params {
    std::int64_t slices = 0;
    double sigma = no_value, lambda = no_value, gamma = no_value, eta = no_value;
  };
  static constexpr std::array params{
      number<&Params::slices>("slices", 1, 1e6, "number of trades, N"),
      number<&Params::sigma>("sigma", 0.0, 1e12, "volatility: price units per square root of a unit of the horizon"),
      number<&Params::lambda>("lambda", 0.0, 1e12, "dislike of risk, per unit of money; 0: equal slices"),
      number<&Params::gamma>("gamma", 0.0, 1e12, "permanent impact: price per unit traded"),
      number<&Params::eta>("eta", 0.0, 1e12, "temporary impact: price per unit traded in a unit of the horizon")};

  struct Results {
    double kappa = 0.0;
    std::vector<double> holdings, trades;
  };
  static constexpr std::array inputs{argument::scalar("quantity", "to trade, of either sign"),
                                     argument::scalar("horizon", "length of the programme, T")};
  static constexpr std::array outputs{
      result<&Results::kappa>("kappa", "urgency"),
      result<&Results::holdings>("holdings", "left to trade at t_j = j * tau, j = 0 ... slices"),
      result<&Results::trades>("trades", "of each slice; they add up to the quantity")};

  static Results evaluate(const Params& p, double quantity, double horizon) {
    if (!has_value(quantity)) fail(Fault::config, "{}: quantity must be a number, was null", doc.name);
    if (!(horizon > 0.0 && has_value(horizon))) {
      fail(Fault::config, "{}: horizon must be above 0, was {}", doc.name, horizon);
    }
    const auto slices = static_cast<double>(p.slices);
    const double tau = horizon / slices;
    const double temporary = p.eta - p.gamma * tau / 2.0;
    if (!(temporary > 0.0)) {
      fail(Fault::config, "{}: eta - gamma * horizon / (2 * slices) must be above 0, was {}; take more slices",
           doc.name, temporary);
    }
    // cosh(z) - 1 = 2 sinh(z / 2)^2
    const double step = 2.0 * std::asinh(p.sigma * tau * std::sqrt(p.lambda / temporary) / 2.0);
    Results results{.kappa = step / tau, .holdings = {}, .trades = {}};
    for (std::int64_t j = 0; j <= p.slices; ++j) {
      const auto done = static_cast<double>(j), left = static_cast<double>(p.slices - j);
      const double share =
          step > 0.0 ? std::exp(-step * done) * std::expm1(-2.0 * step * left) / std::expm1(-2.0 * step * slices)
                     : left / slices;
      results.holdings.push_back(quantity * share);
    }
    for (std::size_t j = 1; j < results.holdings.size(); ++j) {
      results.trades.push_back(results.holdings[j - 1] - results.holdings[j]);
    }
    return results;
  }
};

}  // namespace millrace
