#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/exponential_moments.h"

namespace millrace {

/// An observation keeps the bin that it got on arrival, from the past alone; bins from the whole sample would look
/// ahead. Outliers count in the outer bins.
struct EntropyHist {
  static constexpr Doc doc{
      .name = "entropy_hist",
      .title = "Shannon entropy of the window's histogram",
      .formula = "-sum of p ln p over bins of [lo, hi], or of 8 standard deviations about the mean before each value",
      .unit = "nats; 1 with norm",
      .warmup = "the window; without lo and hi only values with a past deviation count",
      .reference = "Shannon (1948), Bell System Technical J. 27, 379-423",
  };

  struct Params {
    Window window{.rows = 100};
    std::int64_t bins = 16;
    Weight weight{.alpha = 0.0013853338989710761};  // half-life 500
    double lo = no_value, hi = no_value;
    bool norm = false;
  };
  static constexpr std::array params{
      window<&Params::window>("window", by_rows, 2, "observations"),
      number<&Params::bins>("bins", 2, 256, "of the histogram"),
      weight<&Params::weight>(by_rows, "of mean and deviation: half_life (500), alpha, lambda, span or com"),
      auto_number<&Params::lo>("lo", -1e300, 1e300, "lower end of the bins; auto: mean - 4 deviations of the past"),
      auto_number<&Params::hi>("hi", -1e300, 1e300, "upper end of the bins; auto: mean + 4 deviations of the past"),
      flag<&Params::norm>("norm", "divides by the largest entropy, ln bins")};
  static std::string_view check(const Params& p) {
    if (std::isnan(p.lo) != std::isnan(p.hi)) return "lo and hi are given together or not at all";
    return p.lo >= p.hi ? "lo must be less than hi" : "";
  }

  struct State {
    ExponentialMoments past;
    std::int64_t counted = 0;  // observations with a bin, ever
    double entropy = 0.0;
  };
  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"entropy"}};

  /// Counts of the bins, then the bins of the window's observations, a byte each.
  static std::size_t tail(const Params& p) { return static_cast<std::size_t>(p.bins + (p.window.rows + 7) / 8); }

  /// Where x falls, in bins; not finite where the past has no deviation.
  static double place(const Params& p, const State& s, double x) noexcept {
    return std::isnan(p.lo) ? (s.past.score(x) + 4.0) * static_cast<double>(p.bins) / 8.0
                            : (x - p.lo) * static_cast<double>(p.bins) / (p.hi - p.lo);
  }
  static double entropy_of(const Params& p, const double* counts, double n) noexcept {
    double sum = 0.0;
    for (std::int64_t bin = 0; bin < p.bins; ++bin) {
      if (counts[bin] > 0.0) sum += counts[bin] / n * std::log(counts[bin] / n);
    }
    return (0.0 - sum) / (p.norm ? std::log(static_cast<double>(p.bins)) : 1.0);
  }

  static double update(const Params& p, State& s, double x, Tail tail) noexcept {
    const double at = place(p, s, x);
    if (std::isnan(p.lo)) s.past.add(x, p.weight.alpha);
    if (!std::isfinite(at)) return no_value;
    const std::int64_t w = p.window.rows;
    auto* bins = reinterpret_cast<unsigned char*>(tail + p.bins);
    const auto bin = static_cast<unsigned char>(std::clamp(std::floor(at), 0.0, static_cast<double>(p.bins - 1)));
    unsigned char& slot = bins[s.counted % w];
    const bool is_changed = s.counted < w || slot != bin;
    if (s.counted >= w) tail[slot] -= 1.0;
    tail[bin] += 1.0;
    slot = bin;
    const std::int64_t n = std::min(++s.counted, w);
    if (is_changed) s.entropy = entropy_of(p, tail, static_cast<double>(n));
    return n >= p.window.needed(1) ? s.entropy : no_value;
  }
};

}  // namespace millrace
