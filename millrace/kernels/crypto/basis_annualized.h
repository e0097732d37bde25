#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/log_ratio.h"

namespace millrace {

/// The time to the future's own expiry, so that futures compare; a perpetual has none and no basis per year.
struct BasisAnnualized {
  static constexpr Doc doc{
      .name = "basis_annualized",
      .title = "Basis of a dated future per year",
      .formula = "ln(F / S) * 365 / days, simple: (F / S - 1) * 365 / days;  days = (expiry - clock) / 86400 s",
      .unit = "1 per year",
      .warmup = "none; null without an expiry and after it",
      .reference = "Hull (2021), Options, Futures, and Other Derivatives, ch. 5",
  };

  enum Method : std::uint8_t { log, simple };
  static constexpr std::array<std::string_view, 2> methods{"log", "simple"};
  struct Params {
    std::uint8_t method = log;
  };
  static constexpr std::array params{choice<&Params::method>("method", methods, "how the basis compounds")};

  struct State {};
  static constexpr std::array inputs{InputInfo{.name = "future", .is_positive = true},
                                     InputInfo{.name = "spot", .is_positive = true},
                                     InputInfo{.name = "expiry", .is_time = true, .is_keyword = true}};
  static constexpr std::array outputs{OutputInfo{"basis_apr"}};

  static double update(const Params& p, State&, double future, double spot, Nanos expiry, Now now) noexcept {
    if (expiry == no_time || expiry <= now.clock || !(future > 0.0 && spot > 0.0)) return no_value;
    const Nanos left = expiry - now.clock;
    const double years = static_cast<double>(left) / static_cast<double>(365 * one_day);
    return (p.method == log ? log_ratio(future, spot) : (future - spot) / spot) / years;
  }
};

}  // namespace millrace
