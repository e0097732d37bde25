#pragma once

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/open_bar.h"

namespace millrace {

struct TickBars {
  static constexpr Doc doc{
      .name = "tick_bars",
      .title = "Bars of equal numbers of trades",
      .formula = "closes on the trade that is the `ticks`-th of its bar",
      .unit = "price, base, quote, 1, ns",
      .warmup = "the first full bar",
      .reference = "Mandelbrot, Taylor (1967), Operations Research 15, 1057-1062",
  };

  struct Params {
    std::int64_t ticks = 0;
  };
  static constexpr std::array params{number<&Params::ticks>("ticks", 1, 1e12, "trades in a bar; required")};
  static std::string_view check(const Params& p) { return p.ticks > 0 ? "" : "parameter `ticks` is required"; }

  using State = OpenBar;
  static constexpr std::array inputs{InputInfo{.name = "price", .is_positive = true},
                                     InputInfo{.name = "size", .is_optional = true, .is_nullable = true}};
  static constexpr auto& outputs = bar_outputs;

  static constexpr bool watches_every_row = true;
  static void update(const Params& p, State& bar, double price, double size, Seen seen, Now now,
                     Emit<10> emit) noexcept {
    if (seen != observed) return;
    bar.add(price, size, now.clock);
    if (bar.trades < p.ticks) return;
    emit(cells_of(bar));
    bar = OpenBar{};
  }
};

}  // namespace millrace
