#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/compensated.h"

namespace millrace {

/// A jump enters two products, each with an ordinary neighbour, and so hardly counts. The n - 1 products come from the
/// same n returns as realized_var; n / (n - 1) makes up for the missing one.
struct BipowerVar {
  static constexpr Doc doc{
      .name = "bipower_var",
      .title = "Realised variance without the jumps",
      .formula = "(pi / 2) * (n / m) * sum of |r[i] * r[i-1]| over the m products of the window's n returns",
      .unit = "1 (squared return, per window)",
      .warmup = "the window",
      .reference = "Barndorff-Nielsen, Shephard (2004), J. Financial Econometrics 2, 1-37",
  };

  struct Params {
    Window window{.rows = 20};
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows | by_time, 2, "returns, or a duration")};

  static constexpr std::array inputs{InputInfo{"r"}};
  static constexpr std::array outputs{OutputInfo{"bipower_var"}};

  static constexpr double half_pi = 1.5707963267948966;

  struct ByRow {
    using State = WindowSum;
    static std::int64_t lookback(const Params& p) { return p.window.rows; }

    static double update(const Params& p, State& s, Past r) noexcept {
      const std::int64_t w = p.window.rows;
      const auto count = static_cast<std::int64_t>(r.count);
      if (count > w) {
        s.exchange(std::abs(r[0] * r[1]), std::abs(r[w - 1] * r[w]));
      } else if (count > 1) {
        s.enter(std::abs(r[0] * r[1]));
      }
      const std::int64_t n = std::min(count, w);
      if (n < p.window.needed(2)) return no_value;
      return half_pi * static_cast<double>(n) * s.value() / static_cast<double>(n - 1);
    }
  };

  /// A product belongs to the bucket of its newer return.
  struct ByTime {
    struct Content {
      double products = 0.0, returns = 0.0, sum = 0.0;
    };
    struct Carry {
      double before = no_value;
    };
    static constexpr std::int64_t fewest = 1;
    static void add(const Params&, Content& c, Carry& carry, const double* r, double) noexcept {
      c.returns += 1.0;
      if (!std::isnan(carry.before)) {
        c.products += 1.0;
        c.sum += std::abs(r[0] * carry.before);
      }
      carry.before = r[0];
    }
    static void merge(Content& older, const Content& newer) noexcept {
      older.products += newer.products;
      older.returns += newer.returns;
      older.sum += newer.sum;
    }
    static double value(const Params&, const Content& c, const Carry&, const double*, double) noexcept {
      return c.products > 0.0 ? half_pi * c.returns * c.sum / c.products : no_value;
    }
  };
};

}  // namespace millrace
