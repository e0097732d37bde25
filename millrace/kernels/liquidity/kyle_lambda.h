#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/pair_products.h"
#include "millrace/kernels/numerics/window_terms.h"

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

  struct ByRow {
    using State = PairSums;
    static std::int64_t lookback(const Params& p) { return p.window.rows; }

    static double update(const Params& p, State& s, Past dmid, Past volume) noexcept {
      s.slide(dmid, volume, static_cast<std::int64_t>(dmid.count), p.window.rows);
      const std::int64_t n = rows_in(dmid, p.window.rows);
      if (n < p.window.needed(2)) return no_value;
      const Products of = products(s.now(), static_cast<double>(n));
      return of.uv / of.vv;
    }
  };

  struct ByTime {
    using Content = BucketPairs;
    struct Carry {
      double origin = no_value;  // the first volume
    };
    static constexpr std::int64_t fewest = 2;
    static void add(const Params&, Content& c, Carry& carry, const double* x, double origin) noexcept {
      if (std::isnan(carry.origin)) carry.origin = x[1];
      c.add(x[0] - origin, x[1] - carry.origin);
    }
    static void merge(Content& older, const Content& newer) noexcept { older.merge(newer); }
    static double value(const Params&, const Content& c, const Carry& carry, const double*, double origin) noexcept {
      const Products of = c.products(origin, carry.origin);
      return of.uv / of.vv;
    }
  };
};

}  // namespace millrace
