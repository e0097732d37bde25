#pragma once

#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// The position of the row before is what earned the change; without the cross term the parts do not add up.
struct PnlFx {
  static constexpr Doc doc{
      .name = "pnl_fx",
      .title = "Profit in the account's currency, by cause",
      .formula =
          "asset = q' * dp * fx';  fx = q' * p' * dfx;  cross = q' * dp * dfx;  base = their sum;  ' = the row before",
      .unit = "account currency, per row",
      .warmup = "2 observations",
      .reference = "change of a product of two, by parts",
  };

  struct Params {};

  struct State {
    double position = no_value, price = no_value, fx = no_value;  // of the row before
  };
  static constexpr std::array inputs{InputInfo{"position"}, InputInfo{"price"}, InputInfo{"fx"}};
  static constexpr std::array outputs{OutputInfo{"pnl_asset"}, OutputInfo{"pnl_fx"}, OutputInfo{"pnl_cross"},
                                      OutputInfo{"pnl_base"}};

  static std::array<double, 4> update(const Params&, State& s, double position, double price, double fx) noexcept {
    const double move = s.position * (price - s.price), fx_move = fx - s.fx;
    const double asset = move * s.fx, currency = s.position * s.price * fx_move, cross = move * fx_move;
    s = {.position = position, .price = price, .fx = fx};
    return {asset, currency, cross, asset + currency + cross};
  }
};

}  // namespace millrace
