#pragma once

#include <algorithm>
#include <array>

#include "millrace/base/error.h"
#include "millrace/kernels/function_family.h"
#include "millrace/kernels/numerics/decayed_outer.h"

namespace millrace {

/// `ewcov_matrix` of a whole table of returns. A row with a null is left out for all: pairs that skip rows of their own
/// give matrices that are not positive.
struct EwcovOfRows {
  static constexpr Doc doc{
      .name = "ewcov_matrix",
      .title = "Exponentially weighted covariance matrix about zero",
      .formula = "C = lambda C + (1 - lambda) r r', started at the first r r'",
      .unit = "square of the unit of r",
      .warmup = "one row without a null",
      .reference = "J.P. Morgan (1996), RiskMetrics Technical Document, 4th ed., ch. 5",
  };

  struct Params {
    double lambda = 0.94;
  };
  static constexpr std::array params{
      number<&Params::lambda>("lambda", 0.0, 0.999999999, "weight of what was, on each row")};

  struct Results {
    Matrix cov;
  };
  static constexpr std::array inputs{argument::matrix("r", "one row for each time, one column for each series")};
  static constexpr std::array outputs{result<&Results::cov>("cov", "after the last row")};

  static constexpr std::size_t most_columns = 64;

  static Results evaluate(const Params& p, MatrixView r) {
    const std::size_t k = r.columns;
    if (k < 1 || k > most_columns) {
      fail(Fault::config, "{}: r must have 1 to {} columns, was {}", doc.name, most_columns, k);
    }
    std::array<double, DecayedOuter::size(most_columns)> triangle{};
    bool is_started = false;
    for (std::size_t t = 0; t < r.rows; ++t) {
      const auto row = r.row(t);
      if (!std::all_of(row.begin(), row.end(), has_value)) continue;
      DecayedOuter::step(is_started ? p.lambda : 0.0, triangle.data(), row.data(), k);
      is_started = true;
    }
    Results results{.cov = Matrix(k, k, no_value)};
    for (std::size_t i = 0; i < k && is_started; ++i) {
      for (std::size_t j = 0; j < k; ++j) {
        results.cov.at(i, j) = triangle[DecayedOuter::place(std::max(i, j), std::min(i, j))];
      }
    }
    return results;
  }
};

}  // namespace millrace
