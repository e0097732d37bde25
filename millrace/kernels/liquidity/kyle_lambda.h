#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/slope_forms.h"

namespace millrace {

/// The slope with an intercept, of the move on the signed volume of the trade before it; the caller lags the volume.
struct KyleLambda {
  static constexpr Doc doc{
      .name = "kyle_lambda",
      .title = "Price move per signed volume",
      .formula = "cov(dmid, signed_volume) / var(signed_volume)",
      .unit = "quote asset per base asset squared",
      .warmup = "the window",
      .reference = "Kyle (1985), Econometrica 53, 1315-1335; Hasbrouck (2009), J. Finance 64, 1445-1477",
  };

  struct Params {
    Window window{.rows = 100};
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows | by_time, 2, "rows, or a duration")};

  static constexpr std::array inputs{InputInfo{"dmid"}, InputInfo{"signed_volume"}};
  static constexpr std::array outputs{OutputInfo{"kyle_lambda"}};

  using ByRow = SlopeByRow<Params>;
  using ByTime = SlopeByTime<Params>;
};

}  // namespace millrace
