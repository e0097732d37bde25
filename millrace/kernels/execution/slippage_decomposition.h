#pragma once

#include <array>

#include "millrace/kernels/function_family.h"
#include "millrace/kernels/numerics/order_costs.h"

namespace millrace {

/// Four parts that add up to `implementation_shortfall`: who waited, what trading moved, what it was charged, what was
/// missed. The execution layer keeps a State for each order; `evaluate` plays the events of one order.
struct SlippageDecomposition {
  static constexpr Doc doc{
      .name = "slippage_decomposition",
      .title = "Parts of an order's cost",
      .formula =
          "1e4 / (Q * dec) times: delay side * Q_f * (arr - dec), impact side * Q_f * (average fill - arr), fees, "
          "opportunity side * (Q - Q_f) * (close - dec)",
      .unit = "bps of the decision notional; a cost is positive",
      .warmup = "first fill; quantity * decision_px <= 0: null",
      .reference =
          "Perold (1988), J. Portfolio Management 14(3), 4-9; Kissell, Glantz (2003), Optimal Trading Strategies, "
          "ch. 3",
  };

  struct Order {
    Side side = Side::unknown;
    double quantity = 0.0, decision_px = 0.0, arrival_px = 0.0;
  };
  using State = OrderCosts;
  struct Parts {
    double delay = no_value, impact = no_value, fees = no_value, opportunity = no_value;  // bps
  };

  static void fill(const Order& order, State& s, double price, double size, double fee) noexcept {
    s.fill(order.arrival_px, price, size, fee);
  }
  static void mark(State& s, double price) noexcept { s.mark(price); }

  /// Nulls before the first fill.
  static Parts value(const Order& order, const State& s) noexcept {
    const double notional = order.quantity * order.decision_px;
    const double side = static_cast<double>(order.side) * 1e4 / notional;
    if (!(notional > 0.0) || side == 0.0 || s.filled == 0.0) return {};
    return {.delay = side * s.filled * (order.arrival_px - order.decision_px),
            .impact = side * s.slip,
            .fees = 1e4 * s.fees / notional,
            .opportunity = side * s.missed(order.quantity, order.decision_px)};
  }

  struct Params {};
  struct Results {
    std::vector<double> delay, impact, fees, opportunity;
  };
  static constexpr std::array inputs{
      argument::side("side", "of the order"),
      argument::scalar("quantity", "ordered"),
      argument::scalar("decision_px", "when the order was decided"),
      argument::scalar("arrival_px", "when the order reached the market"),
      argument::vector("price", "by event: of a fill, or a mark"),
      argument::vector("size", "by event: of a fill; null where the price is a mark", "price"),
      argument::optional(argument::vector("fee", "by event, in money; null is none", "price"))};
  static constexpr std::array outputs{
      result<&Results::delay>("delay_bps", "by event: from decision to arrival"),
      result<&Results::impact>("impact_bps", "by event: from arrival to the fills"),
      result<&Results::fees>("fees_bps", "by event: charged"),
      result<&Results::opportunity>("opportunity_bps", "by event: missed by what is not filled")};

  static Results evaluate(const Params&, Side side, double quantity, double decision_px, double arrival_px,
                          std::span<const double> price, std::span<const double> size, std::span<const double> fee) {
    const Order order{.side = side, .quantity = quantity, .decision_px = decision_px, .arrival_px = arrival_px};
    Results results;
    play_order(doc.name, quantity, arrival_px, {price, size, fee}, [&](bool is_event, const State& state) {
      const Parts parts = is_event ? value(order, state) : Parts{};
      results.delay.push_back(parts.delay);
      results.impact.push_back(parts.impact);
      results.fees.push_back(parts.fees);
      results.opportunity.push_back(parts.opportunity);
    });
    return results;
  }
};

}  // namespace millrace
