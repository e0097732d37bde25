#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/normal.h"

namespace millrace {

/// Where the expansion falls somewhere in the tail it is no quantile function, and its value means nothing: null.
struct CornishFisherVar {
  static constexpr Doc doc{
      .name = "cornish_fisher_var",
      .title = "Value at risk from four moments",
      .formula = "-(mean + sd * z_cf);  z_cf = z + (z^2-1) S/6 + (z^3-3z) K/24 - (2z^3-5z) S^2/36",
      .unit = "unit of the mean; a loss is positive",
      .warmup = "none",
      .reference =
          "Cornish, Fisher (1937), Revue de l'Institut International de Statistique 5, 307-320; Maillard (2012)",
  };

  struct Params {
    double alpha = 0.05;
    std::uint8_t domain = 0;
    const double* derived = nullptr;  // z of alpha
  };
  static constexpr std::array<std::string_view, 2> domains{"tail", "global"};
  static constexpr std::array params{
      number<&Params::alpha>("alpha", 1e-6, 0.5, "probability of the tail"),
      choice<&Params::domain>("domain", domains, "where the expansion must rise: below z, or on both sides")};

  static constexpr std::array inputs{InputInfo{"mean"}, InputInfo{"sd"}, InputInfo{"skew"}, InputInfo{"exkurt"}};
  static constexpr std::array outputs{OutputInfo{"cf_var"}};

  static std::size_t derived_size(const Params&) { return 1; }
  static void derive(const Params& p, double* derived) { *derived = normal_quantile(p.alpha); }

  /// Least slope of the expansion on [from, to]; the slope is a parabola in z.
  static double least_slope(double skew, double kurt, double from, double to) noexcept {
    const double a = kurt / 8.0 - skew * skew / 6.0, b = skew / 3.0, c = 1.0 - kurt / 8.0 + 5.0 / 36.0 * (skew * skew);
    const auto slope = [&](double z) { return (a * z + b) * z + c; };
    const double ends = std::min(slope(from), slope(to)), vertex = -b / (2.0 * a);
    return a > 0.0 && vertex > from && vertex < to ? std::min(ends, slope(vertex)) : ends;
  }

  static double update(const Params& p, double mean, double sd, double skew, double exkurt) noexcept {
    const double z = *p.derived, farthest = std::max(3.0, std::abs(z));
    if (!(least_slope(skew, exkurt, -farthest, p.domain == 0 ? z : farthest) >= 0.0)) return no_value;
    const double z2 = z * z;
    const double expanded =
        z + (z2 - 1.0) * skew / 6.0 + z * (z2 - 3.0) * exkurt / 24.0 - z * (2.0 * z2 - 5.0) * (skew * skew) / 36.0;
    return -(mean + sd * expanded);
  }
};

}  // namespace millrace
