#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/exponential_moments.h"

namespace millrace {

/// The residual is against the mean before the observation. About zero the first square starts the variance.
struct EwVar {
  static constexpr Doc doc{
      .name = "ew_var",
      .title = "Exponentially weighted variance and standard deviation",
      .formula = "V = (1 - alpha) * (V + alpha * (x - m)^2), m before x;  about zero V = (1 - alpha) * V + alpha * x^2",
      .unit = "square of the unit of x; unit of x",
      .warmup = "second observation; about zero the first",
      .reference = "Finch (2009), Incremental calculation of weighted mean and variance; West (1979), CACM 22, 532-535",
  };

  struct Params {
    Weight weight{.alpha = 1.0 - 0.94};
    std::uint8_t mean = 0;
  };
  static constexpr std::array<std::string_view, 2> means{"ew", "zero"};
  static constexpr std::array params{
      weight<&Params::weight>(by_rows, "one of alpha, lambda (0.94), half_life, span, com"),
      choice<&Params::mean>("mean", means, "what the squares are about")};

  using State = ExponentialMoments;
  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"ew_var"}, OutputInfo{"ew_std"}};

  static std::array<double, 2> update(const Params& p, State& s, double x) noexcept {
    const double alpha = p.weight.alpha;
    if (p.mean == 1) {
      s.variance = s.count++ == 0 ? x * x : (1.0 - alpha) * s.variance + alpha * (x * x);
      return {s.variance, std::sqrt(s.variance)};
    }
    s.add(x, alpha);
    const double variance = s.settled_variance();
    return {variance, std::sqrt(variance)};
  }
};

}  // namespace millrace
