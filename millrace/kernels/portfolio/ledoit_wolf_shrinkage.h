#pragma once

#include <array>

#include "millrace/kernels/function_family.h"

namespace millrace {

/// The sample's covariance is drawn towards a target as far as its own noise justifies. A row with a null is left out.
struct LedoitWolfShrinkage {
  static constexpr Doc doc{
      .name = "ledoit_wolf_shrinkage",
      .title = "Covariance matrix shrunk towards a simple one",
      .formula =
          "delta * F + (1 - delta) * S, S with 1/T;  identity: F = m I, m = tr S / k, delta = b^2 / d^2, d^2 = |S - "
          "m I|^2 / k, b^2 = min(d^2, sum |x_t x_t' - S|^2 / (k T^2));  const_corr: F_ij = mean correlation * "
          "sqrt(s_ii s_jj), delta = (pi - rho) / (gamma T) within 0 and 1",
      .unit = "square of the unit of x",
      .warmup = "two rows without a null; const_corr: a column without variance gives null",
      .reference =
          "Ledoit, Wolf (2004), J. Multivariate Analysis 88, 365-411 (identity); (2004), J. Portfolio Management "
          "30(4), 110-119 (const_corr)",
  };

  enum Target : std::uint8_t { identity, const_corr };
  static constexpr std::array<std::string_view, 2> targets{"identity", "const_corr"};
  struct Params {
    std::uint8_t target = identity;
  };
  static constexpr std::array params{choice<&Params::target>("target", targets, "what it is drawn towards")};

  struct Results {
    Matrix cov;
    double delta = no_value;
    std::string reason;
  };
  static constexpr std::array inputs{argument::matrix("x", "one row for each time, one column for each series")};
  static constexpr std::array outputs{result<&Results::cov>("cov", "the shrunk covariance"),
                                      result<&Results::delta>("delta", "weight of the target, 0 to 1"),
                                      result<&Results::reason>("reason", "why there is no answer")};

  static constexpr std::size_t most_columns = 4096;

  static Results evaluate(const Params& p, MatrixView x);
};

}  // namespace millrace
