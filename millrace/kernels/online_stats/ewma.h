#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/exponential.h"

namespace millrace {

/// By rows the first value starts the average; by time a quiet market forgets as fast as a busy one.
struct Ewma {
  static constexpr Doc doc{
      .name = "ewma",
      .title = "Exponentially weighted mean",
      .formula = "e[t] = e[t-1] + alpha * (x[t] - e[t-1]);  by time alpha = 1 - exp(-dt / tau)",
      .unit = "unit of x",
      .warmup = "first observation",
      .reference = "Roberts (1959), Technometrics 1, 239-250; RiskMetrics Technical Document (1996)",
  };
  static constexpr std::uint16_t version = 2;

  struct Params {
    Weight weight{.alpha = 1.0 - 0.94};  // lambda, in the bits that lambda=0.94 gives
    bool adjust = false;
  };
  static constexpr std::array params{
      weight<&Params::weight>(by_rows | by_time, "one of alpha, lambda (0.94), half_life, span, com, tau"),
      flag<&Params::adjust>("adjust", "weighs by the observations that exist (row form only)")};
  static std::string_view check(const Params& p) {
    return p.adjust && p.weight.tau_ns > 0.0 ? "adjust belongs to the row form, not to a duration" : "";
  }

  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"ewma"}};

  struct ByRow {
    struct State {
      double mean = no_value;
      double weighted = 0.0, weights = 0.0;  // of the adjusted form
    };
    static double update(const Params& p, State& s, double x) noexcept {
      if (p.adjust) {
        s.weighted = (1.0 - p.weight.alpha) * s.weighted + x;
        s.weights = (1.0 - p.weight.alpha) * s.weights + 1.0;
        return s.weighted / s.weights;
      }
      return s.mean = follow(s.mean, p.weight.alpha, x);
    }
    static void run(const Params& p, State& s, Tail, const Frame& frame) noexcept {
      if (!p.adjust) return follow_all(s.mean, p.weight.alpha, frame);
      for (std::size_t row = 0; row < frame.rows; ++row) form::store(frame, row, update(p, s, frame.in[0][row]));
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
