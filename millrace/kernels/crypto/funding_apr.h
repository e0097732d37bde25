#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/interval.h"

namespace millrace {

/// Per year of 8760 hours; the interval is the venue's own, 1, 4 or 8 hours.
struct FundingApr {
  static constexpr Doc doc{
      .name = "funding_apr",
      .title = "Funding rate per year",
      .formula = "apr = rate * n;  apy = (1 + rate)^n - 1;  n = 365 days / interval",
      .unit = "1 per year",
      .warmup = "none",
      .reference = "Ackerer, Hugonnier, Jermann (2024), Perpetual Futures Pricing, NBER 32936",
  };

  struct Params {
    Nanos interval = 0;
  };
  static constexpr std::array params{
      duration<&Params::interval>("interval", one_second, 365 * one_day, "between two payments, or a column, s")};

  static constexpr std::array inputs{InputInfo{"funding_rate"},
                                     InputInfo{.name = "interval", .is_optional = true, .is_keyword = true}};
  static constexpr std::array outputs{OutputInfo{"funding_apr"}, OutputInfo{"funding_apy"}};

  static std::array<double, 2> update(const Params& p, double rate, double seconds) noexcept {
    const double payments = 31'536'000.0 / interval_seconds(p.interval, seconds);
    return {rate * payments, std::expm1(payments * std::log1p(rate))};
  }
};

}  // namespace millrace
