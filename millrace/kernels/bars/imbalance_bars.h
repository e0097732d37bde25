#pragma once

#include <algorithm>
#include <cmath>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/open_bar.h"

namespace millrace {

/// The adaptive limit is kept near the given one: left alone it runs away, since each bar is as long as the last made
/// it.
struct ImbalanceBars {
  static constexpr Doc doc{
      .name = "imbalance_bars",
      .title = "Bars of equal imbalance of buys and sells",
      .formula =
          "closes when |sum of sign * size| >= threshold;  adaptive: >= E[trades] * |E[imbalance / trades]| of the "
          "bars closed, within 0.5 to 2 thresholds",
      .unit = "price, base, quote, 1, ns; imbalance in base",
      .warmup = "the first full bar",
      .reference = "López de Prado (2018), Advances in Financial Machine Learning, ch. 2",
  };

  struct Params {
    double threshold = no_value;
    bool adaptive = false;
    double half_life = 20.0;
  };
  static constexpr std::array params{
      number<&Params::threshold>("threshold", 1e-300, 1e300, "imbalance that closes a bar, base asset"),
      flag<&Params::adaptive>("adaptive", "follow the bars closed so far"),
      number<&Params::half_life>("half_life", 1e-6, 1e9, "of the adaptive means, bars")};

  struct State {
    OpenBar bar;
    CompensatedSum imbalance;
    double trades = no_value, drift = no_value;  // exponential means over closed bars
  };
  static constexpr std::array inputs{InputInfo{.name = "price", .is_positive = true},
                                     InputInfo{.name = "size", .is_positive = true}, InputInfo{"sign"}};
  static constexpr std::array<OutputInfo, 11> outputs = [] {
    std::array<OutputInfo, 11> all{};
    std::copy(bar_outputs.begin(), bar_outputs.end(), all.begin());
    all.back() = OutputInfo{"imbalance"};
    return all;
  }();

  static double limit(const Params& p, const State& s) noexcept {
    if (!p.adaptive || std::isnan(s.trades)) return p.threshold;
    return std::clamp(s.trades * std::abs(s.drift), 0.5 * p.threshold, 2.0 * p.threshold);
  }

  static constexpr bool watches_every_row = true;
  static void update(const Params& p, State& s, double price, double size, double sign, Seen seen, Now now,
                     Emit<11> emit) noexcept {
    if (seen != observed) return;
    s.bar.add(price, size, now.clock);
    s.imbalance.add(sign * size);
    const double imbalance = s.imbalance.value();
    if (!reaches(std::abs(imbalance), limit(p, s))) return;
    std::array<Cell, 11> cells;
    std::copy_n(cells_of(s.bar).begin(), 10, cells.begin());
    cells[10] = imbalance;
    emit(cells);
    const auto trades = static_cast<double>(s.bar.trades);
    const double alpha = 1.0 - std::exp2(-1.0 / p.half_life);
    s.trades = std::isnan(s.trades) ? trades : s.trades + alpha * (trades - s.trades);
    s.drift = std::isnan(s.drift) ? imbalance / trades : s.drift + alpha * (imbalance / trades - s.drift);
    s.bar = OpenBar{};
    s.imbalance = CompensatedSum{};
  }
};

}  // namespace millrace
