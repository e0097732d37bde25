#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/window_terms.h"

namespace millrace {

/// A row without volume says nothing about impact: it takes its place in the window, and no part in the mean.
struct AmihudIlliquidity {
  static constexpr Doc doc{
      .name = "amihud_illiquidity",
      .title = "Price move per money traded",
      .formula = "scale * mean of |r| / dollar_volume over the rows with dollar_volume > 0",
      .unit = "return per `scale` of the quote asset",
      .warmup = "the window",
      .reference = "Amihud (2002), J. Financial Markets 5, 31-56",
  };

  struct Params {
    Window window{.rows = 100};
    double scale = 1e6;
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows | by_time, 1, "rows, or a duration"),
                                     number<&Params::scale>("scale", 1e-300, 1e300, "factor of the mean")};

  static constexpr std::array inputs{InputInfo{"r"}, InputInfo{"dollar_volume"}};
  static constexpr std::array outputs{OutputInfo{"amihud"}};

  static double term(double r, double volume) noexcept { return volume > 0.0 ? std::abs(r) / volume : 0.0; }

  struct ByRow {
    struct State {
      WindowSum sum;
      std::int64_t used = 0;  // rows with volume
    };
    static std::int64_t lookback(const Params& p) { return p.window.rows; }

    static double update(const Params& p, State& s, Past r, Past volume) noexcept {
      const std::int64_t w = p.window.rows;
      slide_terms<1>(s.sum, r, w, [&](std::int64_t k) { return term(r[k], volume[k]); });
      s.used += volume[0] > 0.0 ? 1 : 0;
      if (static_cast<std::int64_t>(r.count) > w) s.used -= volume[w] > 0.0 ? 1 : 0;
      if (rows_in(r, w) < p.window.needed(1) || s.used == 0) return no_value;
      return p.scale * (s.sum.value() / static_cast<double>(s.used));
    }
  };

  struct ByTime {
    struct Content {
      double used = 0.0, sum = 0.0;
    };
    static constexpr std::int64_t fewest = 1;
    static void add(const Params&, Content& c, form::NoCarry&, const double* x, double) noexcept {
      c.used += x[1] > 0.0 ? 1.0 : 0.0;
      c.sum += term(x[0], x[1]);
    }
    static void merge(Content& older, const Content& newer) noexcept {
      older.used += newer.used;
      older.sum += newer.sum;
    }
    static double value(const Params& p, const Content& c, const form::NoCarry&, const double*, double) noexcept {
      return p.scale * (c.sum / c.used);
    }
  };
};

}  // namespace millrace
