#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/bar.h"
#include "millrace/kernels/numerics/power_sums.h"
#include "millrace/kernels/numerics/window_terms.h"

namespace millrace {

/// Overnight gaps count here; the weight k makes the error of the sum smallest.
struct YangZhangVol {
  static constexpr Doc doc{
      .name = "yang_zhang_vol",
      .title = "Volatility from bars with gaps between them",
      .formula =
          "sqrt(var(ln(open / close before)) + k * var(ln(close / open)) + (1 - k) * mean of Rogers-Satchell);  "
          "k = 0.34 / (1.34 + (n + 1) / (n - 1))",
      .unit = "1 (return, per bar)",
      .warmup = "the window and the close before it",
      .reference = "Yang, Zhang (2000), J. Business 73, 477-491",
  };
  static constexpr std::uint16_t version = 2;

  struct Params {
    Window window{.rows = 20};
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows, 2, "bars")};

  struct State {
    double close = no_value;  // of the bar before
    PowerSums<2> gap_sums, move_sums;
    WindowSum within;
    Trail gaps, moves, terms;
  };
  static constexpr std::array inputs{InputInfo{"open"}, InputInfo{"high"}, InputInfo{"low"}, InputInfo{"close"}};
  static constexpr std::array outputs{OutputInfo{"yang_zhang_vol"}};
  static std::size_t tail(const Params& p) { return 3 * Trail::doubles(p.window.rows); }

  static double update(const Params& p, State& s, double open, double high, double low, double close,
                       Tail tail) noexcept {
    if (!is_bar(open, high, low, close)) return no_value;
    const double before = s.close;
    s.close = close;
    if (std::isnan(before)) return no_value;
    const std::int64_t w = p.window.rows;
    const std::size_t length = Trail::doubles(w);
    const Past gaps = s.gaps.push(tail, w, log_ratio(open, before));
    const Past moves = s.moves.push(tail + length, w, log_ratio(close, open));
    const Past terms = s.terms.push(tail + 2 * length, w, rogers_satchell(open, high, low, close));
    s.gap_sums.slide(gaps, w);
    s.move_sums.slide(moves, w);
    slide_terms<1>(s.within, terms, w, [&](std::int64_t k) { return terms[k]; });
    const std::int64_t rows = rows_in(terms, w);
    if (rows < p.window.needed(2)) return no_value;
    const auto n = static_cast<double>(rows);
    const double k = 0.34 / (1.34 + (n + 1.0) / (n - 1.0));
    const double gap = s.gap_sums.now().moments(n).m2 / (n - 1.0), move = s.move_sums.now().moments(n).m2 / (n - 1.0);
    return std::sqrt(gap + k * move + (1.0 - k) * std::max(0.0, s.within.value()) / n);
  }
};

}  // namespace millrace
