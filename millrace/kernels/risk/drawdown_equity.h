#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// The ratio needs an equity above zero; profits that start at zero, and logarithms, take the difference.
struct DrawdownEquity {
  static constexpr Doc doc{
      .name = "drawdown_equity",
      .title = "Loss since the peak, the worst so far, and rows since the peak",
      .formula = "E / peak - 1 or E - peak;  running minimum;  rows since E was at or above the peak",
      .unit = "1, or unit of equity; rows",
      .warmup = "first observation",
      .reference = "Magdon-Ismail, Atiya (2004), Risk 17(10), 99-102",
  };

  struct Params {
    std::uint8_t mode = 0;
  };
  static constexpr std::array<std::string_view, 2> modes{"ratio", "difference"};
  static constexpr std::array params{choice<&Params::mode>("mode", modes, "E / peak - 1, or E - peak")};

  struct State {
    double peak = no_value, worst = 0.0, rows = 0.0;
  };
  static constexpr std::array inputs{InputInfo{"equity"}};
  static constexpr std::array outputs{OutputInfo{"drawdown"}, OutputInfo{"max_drawdown"}, OutputInfo{"duration"}};

  static std::array<double, 3> update(const Params& p, State& s, double equity) noexcept {
    const bool is_ratio = p.mode == 0;
    if (is_ratio && !(equity > 0.0)) return {no_value, no_value, no_value};
    const bool is_peak = std::isnan(s.peak) || equity >= s.peak;
    s.rows = is_peak ? 0.0 : s.rows + 1.0;
    if (is_peak) s.peak = equity;
    const double drawdown = (equity - s.peak) / (is_ratio ? s.peak : 1.0);
    s.worst = std::min(s.worst, drawdown);
    return {drawdown, s.worst, s.rows};
  }
};

}  // namespace millrace
