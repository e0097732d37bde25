#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/maturing.h"

namespace millrace {

/// The market's answer to a trade: with realized_spread it adds up to effective_spread. Known only after the horizon,
/// so it is shown then, never on the row of the trade.
struct PriceImpactMarkout {
  static constexpr bool watches_every_row = true;
  static constexpr Doc doc{
      .name = "price_impact_markout",
      .title = "Move of the middle after a trade",
      .formula =
          "impact = 2 * sign * (mid after the horizon - mid before the trade);  "
          "markout = 1e4 * sign * (mid after the horizon - price) / price;  means of what matures on the row",
      .unit = "quote asset per base; bps of the price",
      .warmup = "the horizon; then it repeats",
      .reference = "Glosten, Harris (1988), J. Financial Economics 21, 123-142",
  };

  struct Params {
    Nanos horizon = 5 * one_second;
  };
  static constexpr std::array params{
      duration<&Params::horizon>("horizon", 50, 400 * one_day, "until a trade matures; a multiple of 50 ns")};
  static std::string_view check(const Params& p) {
    return p.horizon % Maturing::parts == 0 ? "" : "horizon must be a multiple of 50 ns";
  }

  /// `base` is the first trade's middle; the rest are sums of 1, sign, sign * (mid - base), sign / price and
  /// sign * (price - base) / price.
  struct Bucket {
    double base, trades, signs, mids, inverses, prices;
  };
  struct State {
    Maturing time;
    double mid = no_value;  // of the previous row
    double impact = no_value, markout = no_value;
  };
  static constexpr std::array inputs{InputInfo{.name = "price", .is_positive = true},
                                     InputInfo{.name = "mid", .is_nullable = true}, InputInfo{"sign"}};
  static constexpr std::array outputs{OutputInfo{"price_impact"}, OutputInfo{"markout_bps"}};
  static std::size_t tail(const Params&) { return Maturing::slots * sizeof(Bucket) / sizeof(double); }

  static std::array<double, 2> update(const Params& p, State& s, double price, double mid, double sign, Now now,
                                      Seen seen, Tail tail) noexcept {
    Bucket* const ring = Maturing::ring<Bucket>(tail);
    double trades = 0.0, impact = 0.0, markout = 0.0;
    s.time.advance(ring, now.clock, p.horizon, [&](const Bucket& b) {
      trades += b.trades;
      impact += (s.mid - b.base) * b.signs - b.mids;
      markout += (s.mid - b.base) * b.inverses - b.prices;
    });
    if (trades > 0.0 && has_value(s.mid)) {
      s.impact = 2.0 * impact / trades;
      s.markout = 1e4 * markout / trades;
    }
    if (seen == observed && has_value(s.mid) && sign != 0.0) enter(s.time.open(ring), price, s.mid, sign);
    s.mid = mid;
    if (seen == observed_null) return {no_value, no_value};
    return {s.impact, s.markout};
  }

 private:
  static void enter(Bucket& b, double price, double mid, double sign) noexcept {
    if (b.trades == 0.0) b.base = mid;
    const double side = std::copysign(1.0, sign);
    b.trades += 1.0;
    b.signs += side;
    b.mids += side * (mid - b.base);
    b.inverses += side / price;
    b.prices += side * ((price - b.base) / price);
  }
};

}  // namespace millrace
