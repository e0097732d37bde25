#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/pair_blocks.h"
#include "millrace/kernels/numerics/two_passes.h"

namespace millrace {

/// A pair is a row where both have a value; dropping the nulls of each side first would pair what never met.
struct RollingCorr {
  static constexpr bool is_paired = true;
  static constexpr Doc doc{
      .name = "rolling_corr",
      .title = "Correlation over the window",
      .formula = "sum of (x - mean x)(y - mean y) / sqrt(sum of (x - mean x)^2 * sum of (y - mean y)^2)",
      .unit = "1, from -1 to 1",
      .warmup = "the window; null where one side is constant",
      .reference = "Pearson (1895), Proc. Royal Society 58, 240-242; Chan, Golub, LeVeque (1983)",
  };
  static constexpr std::uint16_t version = 2;

  struct Params {
    Window window{.rows = 100};
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows | by_time, 2, "pairs, or a duration")};

  static constexpr std::array inputs{InputInfo{"x"}, InputInfo{"y"}};
  static constexpr std::array outputs{OutputInfo{"corr"}};

  struct ByRow {
    using State = PairBlocks;
    static std::int64_t lookback(const Params& p) { return p.window.rows; }
    static std::size_t tail(const Params& p) { return State::doubles(p.window.rows); }

    static double update(const Params& p, State& s, Past x, Past y, Tail ends) noexcept {
      const auto pairs = static_cast<std::int64_t>(x.count);
      const auto [u, v, uu, vv, uv] = s.slide(x.newest, y.newest, pairs, p.window.rows, ends);
      const std::int64_t n = std::min(pairs, p.window.rows);
      if (n < p.window.needed(2)) return no_value;
      return Pairs{s.shift_u, s.shift_v, u, v, uu, vv, uv}.correlation(static_cast<double>(n));
    }
    /// The sums of all rows one after the other, then the correlations at once.
    static void run(const Params& p, State& s, Tail ends, const Frame& frame) noexcept {
      const double *x = frame.in[0], *y = frame.in[1];
      const std::int64_t window = p.window.rows;
      const std::size_t cold = rows_until(frame, window);
      for (std::size_t row = 0; row < cold; ++row) {
        const std::uint64_t count = frame.count + row + 1;
        form::store(frame, row, update(p, s, Past{x + row, count}, Past{y + row, count}, ends));
      }
      const auto n = static_cast<double>(window);
      for (std::size_t from = cold; from < frame.rows; from += block_rows) {
        const std::size_t to = std::min(frame.rows, from + block_rows);
        PairsByRow by_row;
        s.slide_all(x + from, y + from, to - from, static_cast<std::int64_t>(frame.count + from + 1), window, ends,
                    by_row);
        by_row.correlations(to - from, n, frame.out[0] + from);
      }
    }
  };

  /// Means about the first pair; two buckets merge as in Chan, Golub, LeVeque.
  struct ByTime {
    struct Content {
      BucketMoments x, y;
      double xy = 0.0;
    };
    struct Carry {
      double origin_y = no_value;
    };
    static constexpr std::int64_t fewest = 2;
    static void add(const Params&, Content& c, Carry& carry, const double* x, double origin) noexcept {
      if (std::isnan(carry.origin_y)) carry.origin_y = x[1];
      const double dx = x[0] - origin, dy = x[1] - carry.origin_y, from_mean = dx - c.x.mean;
      c.x.add(dx);
      c.y.add(dy);
      c.xy += from_mean * (dy - c.y.mean);
    }
    static void merge(Content& older, const Content& newer) noexcept {
      if (newer.x.n == 0.0) return;
      const double weight = older.x.n * newer.x.n / (older.x.n + newer.x.n);
      older.xy += newer.xy + (newer.x.mean - older.x.mean) * (newer.y.mean - older.y.mean) * weight;
      older.x.merge(newer.x);
      older.y.merge(newer.y);
    }
    static double value(const Params&, const Content& c, const Carry& carry, const double*, double origin) noexcept {
      return correlation(c.x.moments(origin).m2, c.y.moments(carry.origin_y).m2, c.xy);
    }
  };
};

}  // namespace millrace
