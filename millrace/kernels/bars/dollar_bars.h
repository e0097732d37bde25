#pragma once

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/filled_bars.h"

namespace millrace {

struct DollarBars {
  static constexpr Doc doc{
      .name = "dollar_bars",
      .title = "Bars of equal value",
      .formula =
          "closes on the trade with which sum of price * size >= value; split=true cuts that trade where it is full",
      .unit = "price, base, quote, 1, ns",
      .warmup = "the first full bar",
      .reference = "López de Prado (2018), Advances in Financial Machine Learning, ch. 2",
  };

  struct Params {
    double value = no_value;
    bool split = false;
  };
  static constexpr std::array params{number<&Params::value>("value", 1e-300, 1e300, "of a bar, quote asset"),
                                     flag<&Params::split>("split", "cut the trade that fills a bar")};

  using State = OpenBar;
  static constexpr std::array inputs{InputInfo{.name = "price", .is_positive = true},
                                     InputInfo{.name = "size", .is_positive = true}};
  static constexpr auto& outputs = bar_outputs;

  static constexpr bool watches_every_row = true;
  static void update(const Params& p, State& bar, double price, double size, Seen seen, Now now,
                     Emit<10> emit) noexcept {
    if (seen != observed) return;
    const FilledBars bars{p.value, p.split, true};
    bars.add(bar, price, size, now.clock, [&](const OpenBar& full) { emit(cells_of(full)); });
  }
};

}  // namespace millrace
