#pragma once

#include <array>
#include <limits>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/time_mean.h"

namespace millrace {

/// A halt is latched: the price coming back does not end it, time does. The reference runs on meanwhile, and the row
/// that ends the halt is judged like any other.
struct CircuitBreaker {
  static constexpr Doc doc{
      .name = "circuit_breaker",
      .title = "Halt after a price too far from its reference",
      .formula =
          "1 from |price - ref| > pct * ref until cooldown later, else 0;  without ref: the price's mean over time in "
          "ref_window, the new price not counted",
      .unit = "1: 0 or 1; null = no reference",
      .warmup = "with ref none, else ref_window",
      .reference = "SEC, National Market System Plan to Address Extraordinary Market Volatility (2012)",
  };

  struct Params {
    double pct = 0.05;
    Window window{.span = 5 * 60 * one_second};
    Nanos cooldown = 300 * one_second;
  };
  static constexpr std::array params{
      number<&Params::pct>("pct", 0.0, 10.0, "half width of the band, share of the reference"),
      window<&Params::window>("ref_window", by_time, 1, "time over which the reference is the mean"),
      duration<&Params::cooldown>("cooldown", 1, 400 * one_day, "length of a halt")};
  static std::string_view check(const Params& p) {
    return p.window.min_periods < 0 ? "" : "min_periods does not apply: time is what counts";
  }

  static constexpr std::array inputs{InputInfo{"price"},
                                     InputInfo{.name = "ref", .is_optional = true, .is_nullable = true}};
  static constexpr std::array outputs{OutputInfo{.name = "circuit_break", .is_flag = true}};

  struct ByTime {
    struct State {
      TimeMean mean;
      Nanos end = no_time;  // of the halt; no_time = there was none
    };
    static std::size_t tail(const Params& p) { return static_cast<std::size_t>(p.window.buckets); }

    static double update(const Params& p, State& s, double price, Offered ref, Now now, Tail ring) noexcept {
      double reference = ref.value;
      if (!ref.is_given) {
        s.mean.pass(p.window, ring, now.clock);
        reference = s.mean.value(p.window, ring, now);
        s.mean.take(p.window, price, now.clock);
      }
      if (s.end != no_time && now.clock < s.end) return 1.0;
      if (!has_value(reference)) return no_value;
      constexpr double edge = 1.0 + 4.0 * std::numeric_limits<double>::epsilon();
      const bool is_off = std::abs(price - reference) > p.pct * reference * edge;
      if (is_off) s.end = now.clock + p.cooldown;
      return is_off ? 1.0 : 0.0;
    }
  };
};

}  // namespace millrace
