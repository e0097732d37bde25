#pragma once

#include <array>
#include <cmath>

#include "millrace/kernels/family.h"

namespace millrace {

/// A fixed number of taps: weights over all of the past would make a value depend on where the sample starts. It costs
/// a product for each tap and row.
struct FracDiff {
  static constexpr Doc doc{
      .name = "frac_diff",
      .title = "Fractional difference over a fixed number of taps",
      .formula =
          "sum over k < K of w[k] x[t-k];  w[0] = 1, w[k] = -w[k-1] (d - k + 1) / k;  K = first |w[k]| < threshold",
      .unit = "unit of x",
      .warmup = "K observations",
      .reference = "Hosking (1981), Biometrika 68, 165-176; Lopez de Prado (2018), Advances in Financial ML, ch. 5",
  };

  struct Params {
    double d = 0.4, threshold = 1e-4;
    std::int64_t max_taps = 512;
  };
  static constexpr std::array params{number<&Params::d>("d", 0.0, 2.0, "order; 0 is x, 1 its difference"),
                                     number<&Params::threshold>("threshold", 0.0, 1.0, "smallest weight of a tap"),
                                     number<&Params::max_taps>("max_taps", 1, 100'000, "most taps")};

  struct State {
    std::int64_t taps = 0;
  };
  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"fracdiff"}};

  /// Calls `take(k, weight)` for each tap and returns their number.
  template <class Take>
  static std::int64_t each_weight(const Params& p, Take&& take) {
    double weight = 1.0;
    std::int64_t k = 0;
    while (k < p.max_taps && (k == 0 || !(std::abs(weight) < p.threshold))) {
      take(k, weight);
      ++k;
      weight *= -(p.d - static_cast<double>(k) + 1.0) / static_cast<double>(k);
    }
    return k;
  }
  static std::int64_t taps(const Params& p) {
    return each_weight(p, [](std::int64_t, double) {});
  }
  static std::int64_t lookback(const Params& p) { return taps(p); }
  static std::size_t tail(const Params& p) { return static_cast<std::size_t>(taps(p)); }
  /// The tail holds the weights, the oldest tap's first.
  static void start(const Params& p, State& s, Tail weights) noexcept {
    s.taps = taps(p);
    each_weight(p, [&](std::int64_t k, double weight) { weights[s.taps - 1 - k] = weight; });
  }

  static double update(const Params&, State& s, Past x, Tail weights) noexcept {
    if (static_cast<std::int64_t>(x.count) < s.taps) return no_value;
    const double* oldest = x.newest - (s.taps - 1);
    constexpr std::int64_t lanes = 8;  // sums that do not wait for each other
    double sums[lanes]{};
    std::int64_t i = 0;
    for (; i + lanes <= s.taps; i += lanes) {
      for (std::int64_t lane = 0; lane < lanes; ++lane) sums[lane] += weights[i + lane] * oldest[i + lane];
    }
    double sum = ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
    for (; i < s.taps; ++i) sum += weights[i] * oldest[i];
    return sum;
  }
};

}  // namespace millrace
