#pragma once

#include <array>
#include <cmath>

#include "millrace/base/error.h"
#include "millrace/kernels/function_family.h"

namespace millrace {

/// `term_structure` of one moment. A future that has expired or has no price is not part of the curve.
struct FuturesCurve {
  static constexpr Doc doc{
      .name = "term_structure",
      .title = "Annualised basis of the futures on a spot, its slope and regime",
      .formula =
          "b_i = ln(F_i / S) * 365 / days_i;  slope = (b_far - b_near) / ((days_far - days_near) / 365);  regime 1 if "
          "all b > 0 (contango), -1 if all < 0 (backwardation), else 0",
      .unit = "basis: 1 per year; slope: 1 per year and year",
      .warmup = "slope and regime: two live expiries; basis null where not live",
      .reference = "Hull (2018), Options, Futures, and Other Derivatives, 10th ed., ch. 5",
  };

  struct Params {};
  struct Results {
    std::vector<double> basis;
    double slope = no_value, regime = no_value;
  };
  static constexpr std::array inputs{
      argument::scalar("spot", "price"), argument::vector("futures", "by future: price"),
      argument::optional(argument::vector("days", "by future: to its expiry", "futures")),
      argument::optional(argument::times("expiries", "by future, in place of days", "futures")),
      argument::optional(argument::time("now", "with expiries: when the prices held"))};
  static constexpr std::array outputs{result<&Results::basis>("basis", "by future"),
                                      result<&Results::slope>("slope", "from the nearest to the farthest"),
                                      result<&Results::regime>("regime", "1, 0 or -1")};

  static constexpr std::size_t most_futures = 16;

  static Results evaluate(const Params&, double spot, std::span<const double> futures, std::span<const double> days,
                          std::span<const Nanos> expiries, Nanos now) {
    if (futures.size() > most_futures) {
      fail(Fault::config, "{}: futures must be at most {}, were {}", doc.name, most_futures, futures.size());
    }
    const bool has_days = days.data() != nullptr, has_expiries = expiries.data() != nullptr && now != no_time;
    if (has_days == has_expiries && !futures.empty()) {
      fail(Fault::config, "{}: expected days, or expiries and now, was {}", doc.name, has_days ? "both" : "neither");
    }
    Results results;
    double near = no_value, far = no_value, near_basis = no_value, far_basis = no_value;
    bool all_above = true, all_below = true;
    for (std::size_t i = 0; i < futures.size(); ++i) {
      const double left = has_days ? days[i] : days_until(expiries[i], now);
      const bool is_live = left > 0.0 && spot > 0.0 && futures[i] > 0.0;
      const double b = is_live ? std::log1p((futures[i] - spot) / spot) * 365.0 / left : no_value;
      results.basis.push_back(b);
      if (!has_value(b)) continue;
      all_above = all_above && b > 0.0;
      all_below = all_below && b < 0.0;
      if (!(left >= near)) near = left, near_basis = b;
      if (!(left <= far)) far = left, far_basis = b;
    }
    if (!(far > near)) return results;
    results.slope = (far_basis - near_basis) / ((far - near) / 365.0);
    results.regime = all_above ? 1.0 : all_below ? -1.0 : 0.0;
    return results;
  }

 private:
  static double days_until(Nanos expiry, Nanos now) {
    return expiry == no_time ? no_value : static_cast<double>(expiry - now) / static_cast<double>(one_day);
  }
};

}  // namespace millrace
