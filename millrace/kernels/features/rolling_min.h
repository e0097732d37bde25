#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/extreme.h"

namespace millrace {

struct RollingMin {
  static constexpr Doc doc{
      .name = "rolling_min",
      .title = "Smallest value of the window",
      .formula = "min of x over the window",
      .unit = "unit of x",
      .warmup = "the window",
      .reference = "van Herk (1992), Pattern Recognition Letters 13, 517-521; Lemire (2006), arXiv cs/0610046",
  };

  struct Params {
    Window window{.rows = 20};
  };
  static constexpr std::array params{
      window<&Params::window>("window", by_rows | by_time, 1, "observations, or a duration")};

  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"min"}};

  using ByRow = typename RollingExtreme<Params, Lowest>::ByRow;
  using ByTime = typename RollingExtreme<Params, Lowest>::ByTime;
};

}  // namespace millrace
