#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/log_ratio.h"

namespace millrace {

/// Quote currency per unit of base; the other quotation would turn the sign. Negative: the base currency is dear in the
/// swap.
struct CipBasis {
  static constexpr Doc doc{
      .name = "cip_basis",
      .title = "Deviation from covered interest parity",
      .formula = "r_base - (r_quote - ln(forward / spot) / T)",
      .unit = "1 per year, continuous rates",
      .warmup = "none",
      .reference = "Du, Tepper, Verdelhan (2018), J. Finance 73, 915-957",
  };

  struct Params {
    double years = no_value;
  };
  static constexpr std::array params{number<&Params::years>("T", 0.0, 100.0, "years to the forward's date")};

  static constexpr std::array inputs{InputInfo{"spot"}, InputInfo{"forward"}, InputInfo{"r_base"},
                                     InputInfo{"r_quote"}};
  static constexpr std::array outputs{OutputInfo{"cip_basis"}};

  static double update(const Params& p, double spot, double forward, double r_base, double r_quote) noexcept {
    if (!(spot > 0.0 && forward > 0.0 && p.years > 0.0)) return no_value;
    return r_base - (r_quote - log_ratio(forward, spot) / p.years);
  }
};

}  // namespace millrace
