#pragma once

#include <array>

#include "millrace/base/error.h"
#include "millrace/kernels/function_family.h"

namespace millrace {

/// Positive is a cost on both sides.
struct FixImpact {
  static constexpr Doc doc{
      .name = "fix_impact",
      .title = "Fills against the fix",
      .formula = "1e4 * side * (sum size * price / sum size - fix) / fix",
      .unit = "bps of the fix",
      .warmup = "none; no fills, no side or fix <= 0: null; a fill with a null is left out",
      .reference = "Evans (2018), J. Banking & Finance 87, 233-247",
  };

  struct Params {};
  struct Results {
    double fix_impact_bps = no_value;
  };
  static constexpr std::array inputs{argument::vector("price", "of each fill"),
                                     argument::vector("size", "of each fill", "price"),
                                     argument::scalar("fix_rate", "the fix"), argument::side("side", "of the fills")};
  static constexpr std::array outputs{result<&Results::fix_impact_bps>("fix_impact_bps", "a cost is positive")};

  static Results evaluate(const Params&, std::span<const double> price, std::span<const double> size, double fix,
                          Side side) {
    double filled = 0.0, above = 0.0;  // the sum of size * (price - fix)
    for (std::size_t i = 0; i < price.size(); ++i) {
      if (size[i] < 0.0) fail(Fault::config, "{}: size[{}] must be 0 or more, was {}", doc.name, i, size[i]);
      if (!has_value(price[i]) || !has_value(size[i])) continue;
      filled += size[i];
      above += size[i] * (price[i] - fix);
    }
    const bool has_answer = filled > 0.0 && fix > 0.0 && side != Side::unknown;
    return {.fix_impact_bps = has_answer ? 1e4 * static_cast<double>(side) * (above / filled) / fix : no_value};
  }
};

}  // namespace millrace
