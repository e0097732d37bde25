#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/fees.h"
#include "millrace/kernels/numerics/interval.h"

namespace millrace {

/// Long spot, short perpetual, held and undone: the basis that closes, the funding that is earned, less four fees.
struct CashAndCarryEdge {
  static constexpr Doc doc{
      .name = "cash_and_carry_edge",
      .title = "Edge of a cash and carry trade",
      .formula =
          "edge = capture * 1e4 * (perp - spot) / spot + 1e4 * funding * hold / interval - fees - other;  "
          "apr = edge * 365 days / hold",
      .unit = "bps of the spot price per trade; apr bps per year",
      .warmup = "none",
      .reference = "Ackerer, Hugonnier, Jermann (2024), Perpetual Futures Pricing, NBER 32936",
  };

  struct Params {
    Nanos hold = 30 * one_day, interval = 0;
    Fees fee_bps;
    Fees other_bps;
    double basis_capture = 1.0;
  };
  static constexpr std::array params{
      duration<&Params::hold>("hold", one_second, 4000 * one_day, "time until the trade is undone"),
      duration<&Params::interval>("interval", one_second, 365 * one_day, "between two payments, or a column, s"),
      fees<&Params::fee_bps>("fee_bps", -1e4, 1e4,
                             "of each trade, or four: perp and spot in, perp and spot out; or venue"),
      fees<&Params::other_bps>("other_bps", -1e4, 1e4, "further costs of the whole trade; or venue"),
      number<&Params::basis_capture>("basis_capture", 0.0, 1.0, "share of the basis that closes")};
  static std::string_view check(const Params& p) {
    if (!p.fee_bps.is_for(4)) return "fee_bps takes one number or four";
    return p.other_bps.count <= 2 ? "" : "other_bps takes one number, or one of each leg";
  }

  static constexpr std::array inputs{InputInfo{"perp"}, InputInfo{.name = "spot", .is_positive = true},
                                     InputInfo{"funding"},
                                     InputInfo{.name = "interval", .is_optional = true, .is_keyword = true}};
  static constexpr std::array outputs{OutputInfo{"carry_edge_bps"}, OutputInfo{"carry_edge_apr_bps"}};

  static std::array<double, 2> update(const Params& p, double perp, double spot, double funding,
                                      double seconds) noexcept {
    if (!(spot > 0.0)) return {no_value, no_value};
    const double hold = static_cast<double>(p.hold) / static_cast<double>(one_second);
    const double basis = 1e4 * p.basis_capture * (perp - spot) / spot;
    const double earned = 1e4 * funding * hold / interval_seconds(p.interval, seconds);
    double costs = 0.0;
    for (std::size_t trade = 0; trade < 4; ++trade) costs += p.fee_bps.of(trade);
    for (std::int64_t leg = 0; leg < p.other_bps.count; ++leg) costs += p.other_bps.bps[leg];
    const double edge = basis + earned - costs;
    return {edge, edge * (365.0 * 86'400.0 / hold)};
  }
};

}  // namespace millrace
