#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/maturing.h"

namespace millrace {

/// What is left of the effective spread once the market has answered. Known only after the horizon, so it is shown
/// then, never on the row of the trade. Every row is watched: any may bring the time or the quote.
struct RealizedSpread {
  static constexpr bool watches_every_row = true;
  static constexpr Doc doc{
      .name = "realized_spread",
      .title = "What a trade paid against the middle after a while, both ways",
      .formula = "2 * sign * (price - mid after the horizon), mean of the trades that mature on the row",
      .unit = "quote asset per base",
      .warmup = "the horizon; then it repeats",
      .reference = "Huang, Stoll (1996), J. Financial Economics 41, 313-357",
  };

  struct Params {
    Nanos horizon = 5 * one_second;
  };
  static constexpr std::array params{
      duration<&Params::horizon>("horizon", 50, 400 * one_day, "until a trade matures; a multiple of 50 ns")};
  static std::string_view check(const Params& p) {
    return p.horizon % Maturing::parts == 0 ? "" : "horizon must be a multiple of 50 ns";
  }

  struct Bucket {
    double base, trades, signs, paid;  // the first trade's middle; sums of 1, sign, sign * (price - base)
  };
  struct State {
    Maturing time;
    double mid = no_value;  // of the previous row
    double value = no_value;
  };
  static constexpr std::array inputs{InputInfo{"price"}, InputInfo{.name = "mid", .is_nullable = true},
                                     InputInfo{"sign"}};
  static constexpr std::array outputs{OutputInfo{"realized_spread"}};
  static std::size_t tail(const Params&) { return Maturing::slots * sizeof(Bucket) / sizeof(double); }

  static double update(const Params& p, State& s, double price, double mid, double sign, Now now, Seen seen,
                       Tail tail) noexcept {
    Bucket* const ring = Maturing::ring<Bucket>(tail);
    double trades = 0.0, sum = 0.0;
    s.time.advance(ring, now.clock, p.horizon, [&](const Bucket& b) {
      trades += b.trades;
      sum += b.paid - (s.mid - b.base) * b.signs;
    });
    if (trades > 0.0 && has_value(s.mid)) s.value = 2.0 * sum / trades;
    if (seen == observed && has_value(s.mid) && sign != 0.0) {
      Bucket& b = s.time.open(ring);
      if (b.trades == 0.0) b.base = s.mid;
      const double side = std::copysign(1.0, sign);
      b.trades += 1.0;
      b.signs += side;
      b.paid += side * (price - b.base);
    }
    s.mid = mid;
    return seen == observed_null ? no_value : s.value;
  }
};

}  // namespace millrace
