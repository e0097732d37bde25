#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/fees.h"

namespace millrace {

/// Both ways round a triangle of pairs AB, BC and AC, at prices that can be traded; fees are taken from what each trade
/// brings, not from the edge.
struct TriangularArbitrage {
  static constexpr Doc doc{
      .name = "triangular_arbitrage",
      .title = "Edge of both ways round a triangle",
      .formula =
          "fwd = bid_ab * bid_bc / ask_ac * product of (1 - fee) - 1;  rev = bid_ac / (ask_ab * ask_bc) * "
          "product of (1 - fee) - 1;  route = +1 fwd, -1 rev, 0 where the better is no gain",
      .unit = "edges bps; max_size in A, given at the start",
      .warmup = "none",
      .reference = "law of one price: a round trip of three trades",
  };

  struct Params {
    Fees fee_bps;
  };
  static constexpr std::array params{
      fees<&Params::fee_bps>("fee_bps", -1e4, 1e4, "of each trade, or three of AB, BC, AC")};
  static std::string_view check(const Params& p) {
    return p.fee_bps.is_for(3) ? "" : "fee_bps takes one number or three";
  }

  static constexpr std::array inputs{InputInfo{"bid_ab"},
                                     InputInfo{"ask_ab"},
                                     InputInfo{"bid_bc"},
                                     InputInfo{"ask_bc"},
                                     InputInfo{"bid_ac"},
                                     InputInfo{"ask_ac"},
                                     InputInfo{.name = "bid_size_ab", .is_optional = true, .is_nullable = true},
                                     InputInfo{.name = "ask_size_ab", .is_optional = true, .is_nullable = true},
                                     InputInfo{.name = "bid_size_bc", .is_optional = true, .is_nullable = true},
                                     InputInfo{.name = "ask_size_bc", .is_optional = true, .is_nullable = true},
                                     InputInfo{.name = "bid_size_ac", .is_optional = true, .is_nullable = true},
                                     InputInfo{.name = "ask_size_ac", .is_optional = true, .is_nullable = true}};
  static constexpr std::array outputs{OutputInfo{"fwd_edge_bps"}, OutputInfo{"rev_edge_bps"},
                                      OutputInfo{.name = "arb_route", .is_flag = true}, OutputInfo{"max_size"}};

  struct Pair {
    double bid, ask, bid_size, ask_size;
  };
  static std::array<double, 4> update(const Params& p, double bid_ab, double ask_ab, double bid_bc, double ask_bc,
                                      double bid_ac, double ask_ac, double bid_size_ab, double ask_size_ab,
                                      double bid_size_bc, double ask_size_bc, double bid_size_ac,
                                      double ask_size_ac) noexcept {
    return edges(p, {bid_ab, ask_ab, bid_size_ab, ask_size_ab}, {bid_bc, ask_bc, bid_size_bc, ask_size_bc},
                 {bid_ac, ask_ac, bid_size_ac, ask_size_ac});
  }

 private:
  static std::array<double, 4> edges(const Params& p, Pair ab, Pair bc, Pair ac) noexcept {
    for (const Pair& pair : {ab, bc, ac}) {
      if (!(pair.bid > 0.0 && pair.ask > 0.0)) return {no_value, no_value, no_value, no_value};
    }
    double kept = 1.0;
    for (std::size_t trade = 0; trade < 3; ++trade) kept *= 1.0 - 1e-4 * p.fee_bps.of(trade);
    const double forward = 1e4 * (ab.bid * bc.bid / ac.ask * kept - 1.0);
    const double reverse = 1e4 * (ac.bid / (ab.ask * bc.ask) * kept - 1.0);
    const double route = std::max(forward, reverse) <= 0.0 ? 0.0 : forward >= reverse ? 1.0 : -1.0;
    return {forward, reverse, route, size(route, ab, bc, ac)};
  }

  /// In A: what the smallest of the three sizes on the way lets through.
  static double size(double route, Pair ab, Pair bc, Pair ac) noexcept {
    const double forward = smallest(ab.bid_size, bc.bid_size / ab.bid, ac.ask_size * ac.ask / (ab.bid * bc.bid));
    const double reverse = smallest(ac.bid_size, bc.ask_size * bc.ask / ac.bid, ab.ask_size * ab.ask * bc.ask / ac.bid);
    if (!(has_value(forward) && has_value(reverse))) return no_value;
    return route > 0.0 ? forward : route < 0.0 ? reverse : 0.0;
  }
  static double smallest(double a, double b, double c) noexcept {
    return has_value(a) && has_value(b) && has_value(c) ? std::min({a, b, c}) : no_value;
  }
};

}  // namespace millrace
