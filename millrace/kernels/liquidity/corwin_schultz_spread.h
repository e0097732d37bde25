#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/bar.h"
#include "millrace/kernels/numerics/window_terms.h"

namespace millrace {

/// Two bars see the spread twice and the variance of two bars; one range over both sees the spread once. With a close,
/// the second bar is first moved back over a gap that opened between them.
struct CorwinSchultzSpread {
  static constexpr Doc doc{
      .name = "corwin_schultz_spread",
      .title = "Spread from high and low",
      .formula =
          "s = 2 * tanh(a / 2), a = (1 + sqrt(2)) * (sqrt(b) - sqrt(g));  b = sum of ln(high / low)^2 of two bars, "
          "g = ln(max high / min low)^2;  mean over the pairs of the window",
      .unit = "1 (share of the price)",
      .warmup = "the window",
      .reference = "Corwin, Schultz (2012), J. Finance 67, 719-760",
  };

  enum Negative : std::uint8_t { zero, keep, null };
  static constexpr std::array<std::string_view, 3> treatments{"zero", "keep", "null"};
  static constexpr std::uint16_t version = 2;
  struct Params {
    Window window{.rows = 2};
    std::uint8_t negative = zero;
    bool gap_adjust = true;
  };
  static constexpr std::array params{
      window<&Params::window>("window", by_rows, 2, "bars"),
      choice<&Params::negative>("negative", treatments, "what a pair with a negative spread counts as"),
      flag<&Params::gap_adjust>("gap_adjust",
                                "moves a bar back over the gap from the close before, where it is given")};

  struct State {
    double high = no_value, low = no_value, close = no_value;  // of the bar before
    WindowSum sum;
    std::int64_t used = 0;  // pairs of the window that count
    Trail pairs;
  };
  static constexpr std::array inputs{InputInfo{"high"}, InputInfo{"low"},
                                     InputInfo{.name = "close", .is_optional = true}};
  static constexpr std::array outputs{OutputInfo{"corwin_schultz_spread"}};
  static std::size_t tail(const Params& p) { return Trail::doubles(p.window.rows); }

  /// Of the bar before and this one; null where the pair is left out.
  static double spread(const Params& p, const State& s, double high, double low) noexcept {
    // Prices as distances from the close before: moved by a gap, they would be rounded before the logarithm.
    const bool rises = p.gap_adjust && low > s.close, falls = p.gap_adjust && high < s.close;
    const double base = std::isnan(s.close) ? s.high : s.close;
    const double top = rises ? high - low : falls ? 0.0 : high - base;
    const double bottom = rises ? 0.0 : falls ? low - high : low - base;
    if (!(base + bottom > 0.0)) return no_value;
    const double highest = std::max(s.high - base, top), lowest = std::min(s.low - base, bottom);
    const double first = log_ratio(s.high, s.low), second = log_growth(top - bottom, base + bottom);
    const double both = log_growth(highest - lowest, base + lowest);
    const double a = 2.414213562373095 * (std::sqrt(first * first + second * second) - both);
    const double value = 2.0 * std::tanh(0.5 * a);
    return value >= 0.0 || p.negative == keep ? value : p.negative == zero ? 0.0 : no_value;
  }
  static double update(const Params& p, State& s, double high, double low, double close, Tail tail) noexcept {
    if (!is_range(high, low) || close < low || close > high) return no_value;
    const bool is_first = std::isnan(s.high);
    const double value = is_first ? no_value : spread(p, s, high, low);
    s.high = high;
    s.low = low;
    s.close = close;
    if (is_first) return no_value;
    const std::int64_t w = p.window.rows - 1;
    const Past pairs = s.pairs.push(tail, w, value);
    slide_terms<1>(s.sum, pairs, w, [&](std::int64_t k) { return std::isnan(pairs[k]) ? 0.0 : pairs[k]; });
    s.used += std::isnan(pairs[0]) ? 0 : 1;
    if (static_cast<std::int64_t>(pairs.count) > w) s.used -= std::isnan(pairs[w]) ? 0 : 1;
    const bool is_warm = rows_in(pairs, w) + 1 >= p.window.needed(2);
    return is_warm && s.used > 0 ? s.sum.value() / static_cast<double>(s.used) : no_value;
  }
};

}  // namespace millrace
