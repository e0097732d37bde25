#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/power_sums.h"

namespace millrace {

/// Mean and deviation are those of the past observations, so that a shift is measured by what was normal before it. An
/// alarm shows the sums that raised it and then starts them anew.
struct Cusum {
  static constexpr Doc doc{
      .name = "cusum",
      .title = "Two-sided cumulative sum control chart",
      .formula = "up = max(0, up + z - k);  down = max(0, down - z - k);  z = (x - mu) / sigma;  alarm where stat > h",
      .unit = "standard deviations; alarm -1, 0 or +1",
      .warmup = "min_periods past observations; none with fixed mu and sigma",
      .reference = "Page (1954), Biometrika 41, 100-115; Hawkins, Olwell (1998), Cumulative Sum Charts",
  };

  struct Params {
    double k = 0.5, h = 5.0;
    Weight weight{.alpha = 0.0013853338989710761};  // half-life 500
    std::int64_t min_periods = 100;
    double mu = no_value, sigma = no_value;
  };
  static constexpr std::array params{
      number<&Params::k>("k", 0.0, 100.0, "slack, in standard deviations"),
      number<&Params::h>("h", 0.0, 1e6, "limit of an alarm, in standard deviations"),
      weight<&Params::weight>(by_rows, "of mean and deviation: half_life (500), alpha, lambda, span or com"),
      number<&Params::min_periods>("min_periods", 1, 1e6, "past observations before the first value"),
      auto_number<&Params::mu>("mu", -1e300, 1e300, "fixed mean; auto: of the past"),
      auto_number<&Params::sigma>("sigma", 1e-300, 1e300, "fixed standard deviation; auto: of the past")};
  static std::string_view check(const Params& p) {
    return std::isnan(p.mu) == std::isnan(p.sigma) ? "" : "mu and sigma are fixed together or not at all";
  }

  struct State {
    double up = 0.0, down = 0.0;
    double origin = 0.0;  // the first x, about which the mean is kept
    double mean = 0.0, variance = 0.0;
    std::int64_t count = 0;
  };
  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"cusum_stat"}, OutputInfo{"cusum_up"}, OutputInfo{"cusum_down"},
                                      OutputInfo{.name = "cusum_alarm", .is_flag = true}};

  static constexpr std::array<double, 4> nothing{no_value, no_value, no_value, no_value};

  static std::array<double, 4> step(const Params& p, State& s, double z) noexcept {
    const double up = std::max(0.0, s.up + (z - p.k));
    const double down = std::max(0.0, s.down - (z + p.k));
    const double stat = std::max(up, down);
    const bool is_alarm = stat > p.h;
    s.up = is_alarm ? 0.0 : up;
    s.down = is_alarm ? 0.0 : down;
    return {stat, up, down, !is_alarm ? 0.0 : up >= down ? 1.0 : -1.0};
  }

  static std::array<double, 4> update(const Params& p, State& s, double x) noexcept {
    if (!std::isnan(p.sigma)) return step(p, s, (x - p.mu) / p.sigma);
    if (s.count++ == 0) {
      s.origin = x;
      return nothing;
    }
    const double z = past_score(p, s, x);
    return std::isnan(z) ? nothing : step(p, s, z);
  }

  /// Distance of x from the mean of the observations before it, which x then joins; null until that is warm.
  static double past_score(const Params& p, State& s, double x) noexcept {
    const double delta = (x - s.origin) - s.mean, mean = s.mean, variance = s.variance, alpha = p.weight.alpha;
    s.mean = mean + alpha * delta;
    s.variance = (1.0 - alpha) * (variance + alpha * (delta * delta));
    return s.count <= p.min_periods ? no_value : score(delta, variance, s.origin + mean);
  }
  static double score(double delta, double variance, double mean) noexcept {
    const double z = delta / std::sqrt(variance);
    return is_zero_variance(variance, mean) ? no_value : z;
  }

  /// Averages one row after the other, then all scores at once, then the sums one after the other.
  static void run(const Params& params, State& state, Tail, const Frame& frame) noexcept {
    const Params p = params;
    State s = state;
    const double* x = frame.in[0];
    std::size_t row = 0;
    for (; row < frame.rows && (!std::isnan(p.sigma) || s.count <= p.min_periods); ++row) {
      form::store(frame, row, update(p, s, x[row]));
    }
    while (row < frame.rows) {
      const std::size_t from = row, to = std::min(frame.rows, row + block_rows);
      double delta[block_rows], variance[block_rows], mean[block_rows], z[block_rows];
      for (; row < to; ++row) {
        const std::size_t i = row - from;
        mean[i] = s.mean;
        variance[i] = s.variance;
        delta[i] = (x[row] - s.origin) - s.mean;
        s.mean = mean[i] + p.weight.alpha * delta[i];
        s.variance = (1.0 - p.weight.alpha) * (variance[i] + p.weight.alpha * (delta[i] * delta[i]));
      }
      s.count += static_cast<std::int64_t>(to - from);
      for (std::size_t i = 0; i < to - from; ++i) z[i] = score(delta[i], variance[i], s.origin + mean[i]);
      for (std::size_t i = 0; i < to - from; ++i) {
        form::store(frame, from + i, std::isnan(z[i]) ? nothing : step(p, s, z[i]));
      }
    }
    state = s;
  }
};

}  // namespace millrace
