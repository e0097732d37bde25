#pragma once

#include <array>

#include "millrace/kernels/function_family.h"
#include "millrace/kernels/numerics/order_costs.h"

namespace millrace {

/// The paper portfolio, traded whole at the decision price, against the real one. The execution layer keeps a State for
/// each order; `evaluate` plays the events of one order.
struct ImplementationShortfall {
  static constexpr Doc doc{
      .name = "implementation_shortfall",
      .title = "Cost of an order against its decision price",
      .formula =
          "1e4 * (side * (sum size * price - Q_f * dec) + side * (Q - Q_f) * (close - dec) + fees) / (Q * dec);  "
          "close = latest mark, its term is 0 before the first",
      .unit = "bps of the decision notional; a cost is positive",
      .warmup = "first fill or mark; quantity * decision_px <= 0: null",
      .reference = "Perold (1988), J. Portfolio Management 14(3), 4-9",
  };

  struct Order {
    Side side = Side::unknown;
    double quantity = 0.0, decision_px = 0.0;
  };
  using State = OrderCosts;

  static void fill(const Order& order, State& s, double price, double size, double fee) noexcept {
    s.fill(order.decision_px, price, size, fee);
  }
  static void mark(State& s, double price) noexcept { s.mark(price); }

  /// bps, or null before the first fill or mark.
  static double value(const Order& order, const State& s) noexcept {
    const double notional = order.quantity * order.decision_px;
    const auto side = static_cast<double>(order.side);
    if (!(notional > 0.0) || side == 0.0 || (s.filled == 0.0 && std::isnan(s.close))) return no_value;
    return 1e4 * (side * (s.slip + s.missed(order.quantity, order.decision_px)) + s.fees) / notional;
  }

  struct Params {};
  struct Results {
    std::vector<double> is_bps;
  };
  static constexpr std::array inputs{
      argument::side("side", "of the order"),
      argument::scalar("quantity", "ordered"),
      argument::scalar("decision_px", "when the order was decided"),
      argument::vector("price", "by event: of a fill, or a mark"),
      argument::vector("size", "by event: of a fill; null where the price is a mark", "price"),
      argument::optional(argument::vector("fee", "by event, in money; null is none", "price"))};
  static constexpr std::array outputs{result<&Results::is_bps>("is_bps", "by event, as it stood after it")};

  static Results evaluate(const Params&, Side side, double quantity, double decision_px, std::span<const double> price,
                          std::span<const double> size, std::span<const double> fee) {
    const Order order{.side = side, .quantity = quantity, .decision_px = decision_px};
    Results results;
    play_order(doc.name, quantity, decision_px, {price, size, fee}, [&](bool is_event, const State& state) {
      results.is_bps.push_back(is_event ? value(order, state) : no_value);
    });
    return results;
  }
};

}  // namespace millrace
