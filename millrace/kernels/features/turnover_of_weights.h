#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "millrace/kernels/function_family.h"
#include "millrace/kernels/numerics/compensated.h"

namespace millrace {

/// What has to be traded: the difference from where returns have carried the weights, not from where they were set.
struct TurnoverOfWeights {
  static constexpr Doc doc{
      .name = "turnover",
      .title = "Weight traded to change a portfolio",
      .formula =
          "sum over the window of sum_k |w_t - w'|,  w' = w_(t-1), or with returns w_(t-1) (1 + r_t) / (1 + sum "
          "w_(t-1) r_t)",
      .unit = "1 (share of the portfolio)",
      .warmup = "window + 1 rows; a row with a null is left out (the returns of the first row are not read)",
      .reference = "DeMiguel, Garlappi, Uppal (2009), Review of Financial Studies 22, 1915-1953",
  };

  struct Params {
    std::int64_t window = 1;
  };
  static constexpr std::array params{number<&Params::window>("window", 1, 1e6, "changes added up")};

  struct Results {
    std::vector<double> turnover;
  };
  static constexpr std::array inputs{
      argument::matrix("weights", "one row for each time, one column for each asset"),
      argument::optional(argument::matrix("r", "returns from the row before to this one", "weights"))};
  static constexpr std::array outputs{result<&Results::turnover>("turnover", "by row")};

  static Results evaluate(const Params& p, MatrixView weights, MatrixView r) {
    Results results{.turnover = std::vector<double>(weights.rows, no_value)};
    const auto window = static_cast<std::size_t>(p.window);
    std::vector<double> changes;
    WindowSum sum;
    std::span<const double> before;
    for (std::size_t t = 0; t < weights.rows; ++t) {
      const auto now = weights.row(t);
      const auto has_all = [](std::span<const double> x) { return std::all_of(x.begin(), x.end(), has_value); };
      if (!has_all(now) || (r.is_given() && !before.empty() && !has_all(r.row(t)))) continue;
      const double change = before.empty() ? no_value : change_of(before, now, r.is_given() ? r.row(t) : before, r);
      const bool is_first = before.empty();
      if (is_first || has_value(change)) before = now;
      if (!has_value(change)) continue;
      changes.push_back(change);
      if (changes.size() <= window) {
        sum.enter(change);
      } else {
        sum.exchange(change, changes[changes.size() - 1 - window]);
      }
      if (changes.size() >= window) results.turnover[t] = sum.value();
    }
    return results;
  }

 private:
  /// Null where the portfolio is worth nothing any more.
  static double change_of(std::span<const double> before, std::span<const double> now, std::span<const double> returns,
                          MatrixView r) {
    double growth = 1.0, change = 0.0;
    for (std::size_t k = 0; k < now.size() && r.is_given(); ++k) growth += before[k] * returns[k];
    if (!(growth > 0.0)) return no_value;
    for (std::size_t k = 0; k < now.size(); ++k) {
      change += std::abs(now[k] - (r.is_given() ? before[k] * (1.0 + returns[k]) / growth : before[k]));
    }
    return change;
  }
};

}  // namespace millrace
