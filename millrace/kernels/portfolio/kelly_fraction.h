#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// Of a return with mean and deviation, or of a bet that wins b with probability p; a fraction of it, since its inputs
/// are guesses.
struct KellyFraction {
  static constexpr Doc doc{
      .name = "kelly_fraction",
      .title = "Share of wealth that grows it fastest",
      .formula = "full = (mu - r) / sigma^2, or max(0, p - (1 - p) / b);  kelly = fraction * full within +-cap",
      .unit = "1 (share of wealth)",
      .warmup = "none",
      .reference =
          "Kelly (1956), Bell System Technical J. 35, 917-926; Thorp (2006), Handbook of Asset and Liability "
          "Management, ch. 9",
  };

  enum Of : std::uint8_t { returns, bet };
  static constexpr std::array<std::string_view, 2> kinds{"returns", "bet"};
  struct Params {
    std::uint8_t of = returns;
    double r = 0.0, fraction = 0.5, cap = 1.0;
  };
  static constexpr std::array params{
      choice<&Params::of>("of", kinds, "whether the inputs are mean and deviation, or p and b of a bet"),
      number<&Params::r>("r", -10.0, 10.0, "riskless return"),
      number<&Params::fraction>("fraction", 0.0, 1.0, "of the full share"),
      number<&Params::cap>("cap", 0.0, 1e6, "largest share, long or short")};

  static constexpr std::array inputs{InputInfo{"mu"}, InputInfo{"sigma"}};
  static constexpr std::array outputs{OutputInfo{"kelly"}, OutputInfo{"full"}};

  static double full(const Params& p, double mu, double sigma) noexcept {
    if (p.of == returns) return sigma > 0.0 ? (mu - p.r) / (sigma * sigma) : no_value;
    const bool is_bet = mu >= 0.0 && mu <= 1.0 && sigma > 0.0;
    return is_bet ? std::max(0.0, mu - (1.0 - mu) / sigma) : no_value;
  }
  static std::array<double, 2> update(const Params& p, double mu, double sigma) noexcept {
    const double whole = full(p, mu, sigma);
    if (std::isnan(whole)) return {no_value, no_value};
    return {std::min(std::max(p.fraction * whole, -p.cap), p.cap), whole};
  }
};

}  // namespace millrace
