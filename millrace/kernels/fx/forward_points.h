#pragma once

#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// Domestic is the quote currency, foreign the base; each leg may have its own year fraction.
struct ForwardPoints {
  static constexpr Doc doc{
      .name = "forward_points",
      .title = "Forward price and its points",
      .formula =
          "forward = spot * (1 + r_dom * tau_dom) / (1 + r_for * tau_for), continuous: spot * exp(r_dom * tau_dom - "
          "r_for * tau_for);  points = (forward - spot) / pip",
      .unit = "quote currency per base; points in pips",
      .warmup = "none",
      .reference = "Hull (2021), Options, Futures, and Other Derivatives, ch. 5",
  };

  enum Rates : std::uint8_t { simple, continuous };
  static constexpr std::array<std::string_view, 2> kinds{"simple", "continuous"};
  struct Params {
    double tau = no_value, tau_dom = no_value, tau_for = no_value;
    double pip = 0.0001;
    std::uint8_t rates = simple;
  };
  static constexpr std::array params{auto_number<&Params::tau>("tau", 0.0, 100.0, "years, of both legs"),
                                     auto_number<&Params::tau_dom>("tau_dom", 0.0, 100.0, "years, of the domestic leg"),
                                     auto_number<&Params::tau_for>("tau_for", 0.0, 100.0, "years, of the foreign leg"),
                                     number<&Params::pip>("pip", 1e-12, 1e6, "size of a pip"),
                                     choice<&Params::rates>("rates", kinds, "how interest accrues")};
  static std::string_view check(const Params& p) {
    const bool has_both = !std::isnan(p.tau_dom) && !std::isnan(p.tau_for);
    const bool has_none = std::isnan(p.tau_dom) && std::isnan(p.tau_for);
    return (std::isnan(p.tau) ? has_both : has_none) ? "" : "give tau, or tau_dom and tau_for";
  }

  static constexpr std::array inputs{InputInfo{"spot"}, InputInfo{"r_dom"}, InputInfo{"r_for"}};
  static constexpr std::array outputs{OutputInfo{"forward"}, OutputInfo{"forward_points"}};

  static std::array<double, 2> update(const Params& p, double spot, double r_dom, double r_for) noexcept {
    const double dom = r_dom * (std::isnan(p.tau) ? p.tau_dom : p.tau);
    const double foreign = r_for * (std::isnan(p.tau) ? p.tau_for : p.tau);
    // The points are the small part of the forward and are formed without it.
    const double part = p.rates == simple ? (dom - foreign) / (1.0 + foreign) : std::expm1(dom - foreign);
    return {spot + spot * part, spot * part / p.pip};
  }
};

}  // namespace millrace
