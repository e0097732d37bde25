#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// The first true range is that of the second bar: the first has no close before it.
struct Atr {
  static constexpr Doc doc{
      .name = "atr",
      .title = "Average true range",
      .formula =
          "tr = max(high - low, |high - close before|, |low - close before|);  atr += (tr - atr) / n after a mean of "
          "the first n",
      .unit = "unit of the price",
      .warmup = "period + 1 bars",
      .reference = "Wilder (1978), New Concepts in Technical Trading Systems, ch. 3",
  };

  struct Params {
    std::int64_t period = 14;
  };
  static constexpr std::array params{number<&Params::period>("period", 1, 1e6, "true ranges in the first average")};

  struct State {
    double close = no_value;  // of the bar before
    double average = 0.0;
    std::int64_t count = 0;  // true ranges
  };
  static constexpr std::array inputs{InputInfo{"high"}, InputInfo{"low"}, InputInfo{"close"}};
  static constexpr std::array outputs{OutputInfo{"atr"}, OutputInfo{"tr"}};

  static double true_range(double high, double low, double before) noexcept {
    return std::max(high - low, std::max(std::abs(high - before), std::abs(low - before)));
  }
  static std::array<double, 2> update(const Params& p, State& s, double high, double low, double close) noexcept {
    const double before = s.close;
    s.close = close;
    if (std::isnan(before)) return {no_value, no_value};
    const double range = true_range(high, low, before), share = 1.0 / static_cast<double>(p.period);
    if (s.count < p.period) {
      s.average += range;  // a sum until the first average is due
      if (++s.count < p.period) return {no_value, range};
      s.average *= share;
    } else {
      s.average += (range - s.average) * share;
    }
    return {s.average, range};
  }
};

}  // namespace millrace
