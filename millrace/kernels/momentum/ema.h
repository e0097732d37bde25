#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/exponential.h"

namespace millrace {

/// Starts from the first value, not from a simple mean of the first ones. An alpha of 0.1 is a span of 19 rows, not
/// of 10.
struct Ema {
  static constexpr Doc doc{
      .name = "ema",
      .title = "Exponential moving average",
      .formula = "e[t] = e[t-1] + alpha * (x[t] - e[t-1]);  by time alpha = 1 - exp(-dt / tau)",
      .unit = "unit of x",
      .warmup = "first observation",
      .reference = "Roberts (1959), Technometrics 1, 239-250; Hunter (1986), J. Quality Technology 18, 203-210",
  };
  static constexpr std::uint16_t version = 2;

  struct Params {
    Weight weight{.alpha = 0.1};
  };
  static constexpr std::array params{
      weight<&Params::weight>(by_rows | by_time, "one of alpha (0.1), lambda, half_life, span, com, tau")};

  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"ema"}};

  struct ByRow {
    struct State {
      double mean = no_value;
    };
    static double update(const Params& p, State& s, double x) noexcept {
      return s.mean = follow(s.mean, p.weight.alpha, x);
    }
    static void run(const Params& p, State& s, Tail, const Frame& frame) noexcept {
      follow_all(s.mean, p.weight.alpha, frame);
    }
  };

  struct ByTime {
    using State = DecayingMean;
    static double update(const Params& p, State& s, double x, Now now) noexcept {
      return s.observe(x, now.clock, p.weight.tau_ns);
    }
  };
};

}  // namespace millrace
