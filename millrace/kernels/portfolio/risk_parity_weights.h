#pragma once

#include <array>
#include <cmath>
#include <numeric>

#include "millrace/base/error.h"
#include "millrace/kernels/function_family.h"

namespace millrace {

/// Each asset carries its budget of the portfolio's risk. The weights are those of the minimum of x'Cx / 2 - sum b_i ln
/// x_i, which is convex: one coordinate after the other, each in closed form.
struct RiskParityWeights {
  static constexpr Doc doc{
      .name = "risk_parity_weights",
      .title = "Weights that carry risk by budget",
      .formula =
          "w_i (C w)_i = b_i * w'C w,  w > 0,  sum w = 1;  sweeps of x_i = (sqrt(a_i^2 + 4 c_ii b_i) - a_i) / (2 "
          "c_ii), a_i = sum over j != i of c_ij x_j",
      .unit = "1 (share of the portfolio)",
      .warmup = "null with a reason where cov has a null or no positive diagonal, or the sweeps do not converge",
      .reference =
          "Maillard, Roncalli, Teiletche (2010), J. Portfolio Management 36(4), 60-70; Spinu (2013), SSRN 2297383",
  };

  struct Params {
    double tol = 1e-12;
    std::int64_t max_iter = 500;
  };
  static constexpr std::array params{
      number<&Params::tol>("tol", 1e-16, 1.0, "largest difference of a share of the risk from its budget"),
      number<&Params::max_iter>("max_iter", 1, 1e6, "most sweeps over all weights")};

  struct Results {
    std::vector<double> w;
    std::string reason;
  };
  static constexpr std::array inputs{
      argument::matrix("cov", "symmetric, by asset"),
      argument::optional(argument::vector("budgets", "above 0, scaled to sum 1; left out: equal", "cov")),
      argument::optional(argument::vector("w0", "above 0, where to start; left out: 1 / sqrt(c_ii)", "cov"))};
  static constexpr std::array outputs{result<&Results::w>("w", "weights"),
                                      result<&Results::reason>("reason", "why there is no answer")};

  static Results evaluate(const Params& p, MatrixView cov, std::span<const double> budgets,
                          std::span<const double> w0) {
    if (cov.rows != cov.columns || cov.rows == 0) {
      fail(Fault::config, "{}: cov must be square, was {} x {}", doc.name, cov.rows, cov.columns);
    }
    require_positive("budgets", budgets);
    require_positive("w0", w0);
    if (std::string reason = fault_of(cov); !reason.empty()) return nothing(cov.rows, std::move(reason));
    std::vector<double> b(cov.rows, 1.0 / static_cast<double>(cov.rows)), x(cov.rows);
    if (!budgets.empty()) b = scaled_to_one({budgets.begin(), budgets.end()});
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = w0.empty() ? 1.0 / std::sqrt(cov.at(i, i)) : w0[i];
    double off = 0.0;
    for (std::int64_t sweep = 0; sweep <= p.max_iter; ++sweep) {
      off = rescale(cov, b, x);
      if (!std::isfinite(off)) return nothing(cov.rows, "cov is not positive definite");
      if (off <= p.tol) return {.w = scaled_to_one(std::move(x)), .reason = {}};
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double a = dot(cov.row(i), x) - cov.at(i, i) * x[i];
        const double root = std::sqrt(a * a + 4.0 * cov.at(i, i) * b[i]);
        // the form that does not cancel
        x[i] = a > 0.0 ? 2.0 * b[i] / (root + a) : (root - a) / (2.0 * cov.at(i, i));
      }
    }
    return nothing(cov.rows, fmt::format("after {} sweeps a share of the risk is {} off its budget, above tol {}",
                                         p.max_iter, off, p.tol));
  }

 private:
  static double dot(std::span<const double> a, std::span<const double> b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  }
  static std::vector<double> scaled_to_one(std::vector<double> x) {
    const double sum = std::accumulate(x.begin(), x.end(), 0.0);
    for (double& one : x) one /= sum;
    return x;
  }
  /// Scales x so that x'Cx = 1, as it is at the minimum; returns how far a share of the risk is from its budget, at
  /// most.
  static double rescale(MatrixView cov, const std::vector<double>& b, std::vector<double>& x) {
    std::vector<double> risk(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) risk[i] = x[i] * dot(cov.row(i), x);
    const double whole = std::accumulate(risk.begin(), risk.end(), 0.0);
    if (!(whole > 0.0)) return no_value;
    double off = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      off = std::max(off, std::abs(risk[i] / whole - b[i]));
      x[i] /= std::sqrt(whole);
    }
    return off;
  }
  static void require_positive(std::string_view name, std::span<const double> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!(values[i] > 0.0 && has_value(values[i]))) {
        fail(Fault::config, "{}: {}[{}] must be above 0, was {}", doc.name, name, i, values[i]);
      }
    }
  }
  static std::string fault_of(MatrixView cov) {
    for (std::size_t i = 0; i < cov.rows; ++i) {
      for (std::size_t j = 0; j < cov.rows; ++j) {
        if (!has_value(cov.at(i, j))) return fmt::format("cov[{}][{}] is null", i, j);
      }
      if (!(cov.at(i, i) > 0.0)) return fmt::format("cov[{0}][{0}] must be above 0, was {1}", i, cov.at(i, i));
    }
    for (std::size_t i = 0; i < cov.rows; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const double scale = std::sqrt(cov.at(i, i) * cov.at(j, j));
        if (std::abs(cov.at(i, j) - cov.at(j, i)) <= 1e-9 * scale) continue;
        fail(Fault::config, "{}: cov must be symmetric, was {} at [{}][{}] and {} at [{}][{}]", doc.name, cov.at(i, j),
             i, j, cov.at(j, i), j, i);
      }
    }
    return {};
  }
  static Results nothing(std::size_t size, std::string reason) {
    return {.w = std::vector<double>(size, no_value), .reason = std::move(reason)};
  }
};

}  // namespace millrace
