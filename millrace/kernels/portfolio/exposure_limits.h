#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "millrace/kernels/function_family.h"

namespace millrace {

/// In this order: clipping after scaling would waste room that scaling made.
struct ExposureLimits {
  static constexpr Doc doc{
      .name = "exposure_limits",
      .title = "Weights within limits by name, gross and net",
      .formula =
          "clip each to +-name;  all * gross / sum |w| if that is above gross;  the heavier side * (net + L) / H if "
          "|sum w| > net, H and L = sum |w| of the heavier and the lighter side",
      .unit = "1 (share of wealth)",
      .warmup = "a null weight is 0 and reported",
      .reference = "Grinold, Kahn (2000), Active Portfolio Management, ch. 14",
  };

  struct Params {
    double name = no_value, gross = no_value, net = no_value;
  };
  static constexpr std::array params{number<&Params::name>("name", 0.0, 1e9, "largest weight of one name, either side"),
                                     number<&Params::gross>("gross", 0.0, 1e9, "largest sum of absolute weights"),
                                     number<&Params::net>("net", 0.0, 1e9, "largest sum of weights, either side")};

  struct Results {
    std::vector<double> w;
    std::string binding;
  };
  static constexpr std::array inputs{argument::vector("w", "weights wanted")};
  static constexpr std::array outputs{
      result<&Results::w>("w", "weights allowed"),
      result<&Results::binding>("binding", "what changed a weight, of: null, name, gross, net")};

  static Results evaluate(const Params& p, std::span<const double> w) {
    Results results{.w = {w.begin(), w.end()}, .binding = {}};
    const auto bind = [&](std::string_view what) {
      if (results.binding.find(what) != std::string::npos) return;
      if (!results.binding.empty()) results.binding += ", ";
      results.binding += what;
    };
    for (double& weight : results.w) {
      if (has_value(weight)) continue;
      weight = 0.0;
      bind("null");
    }
    for (double& weight : results.w) {
      if (std::abs(weight) <= p.name) continue;
      weight = std::copysign(p.name, weight);
      bind("name");
    }
    // A sum of k rounded weights is above its limit only where it is by more than its rounding.
    const double edge = 1.0 + static_cast<double>(w.size()) * std::numeric_limits<double>::epsilon();
    if (const auto [bought, sold] = sides(results.w); bought + sold > p.gross * edge) {
      for (double& weight : results.w) weight *= p.gross / (bought + sold);
      bind("gross");
    }
    const auto [bought, sold] = sides(results.w);
    if (const double heavy = std::max(bought, sold), light = std::min(bought, sold);
        heavy - light > p.net * edge + (edge - 1.0) * heavy) {
      for (double& weight : results.w) {
        if ((weight > 0.0) == (bought > sold)) weight *= (p.net + light) / heavy;
      }
      bind("net");
    }
    return results;
  }

 private:
  struct Sides {
    double bought = 0.0, sold = 0.0;
  };
  static Sides sides(const std::vector<double>& w) {
    Sides sum;
    for (const double weight : w) (weight > 0.0 ? sum.bought : sum.sold) += std::abs(weight);
    return sum;
  }
};

}  // namespace millrace
