#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "millrace/base/error.h"
#include "millrace/kernels/function_family.h"

namespace millrace {

/// Sorts by what is paid in the end, not by the printed price. Greedy is exact as long as neither lots nor a limit on
/// venues bind.
struct SmartOrderRouter {
  static constexpr Doc doc{
      .name = "smart_order_router",
      .title = "Sizes by venue and level that cost the least net of fees",
      .formula =
          "levels by net = price * (1 + side * fee), buys from the lowest, sells from the highest, ties in the order "
          "given; each takes lot * floor(min(rest, size) / lot + 1e-9); what is left stays unallocated",
      .unit = "base asset; net price in the unit of the price",
      .warmup = "none; a level without a price or size > 0 takes nothing",
      .reference = "Cont, Kukanov (2017), Quantitative Finance 17, 21-39",
  };

  struct Params {
    double lot = 0.0;
    std::int64_t max_venues = 0;
  };
  static constexpr std::array params{
      number<&Params::lot>("lot", 0.0, 1e12, "step of sizes; 0: any size"),
      number<&Params::max_venues>("max_venues", 0, 1e6, "a further venue is skipped; 0: no limit")};

  struct Results {
    std::vector<double> allocation, net_price;
    double unallocated = 0.0;
  };
  static constexpr std::array inputs{
      argument::side("side", "of the order"),
      argument::scalar("quantity", "to trade"),
      argument::integers("venue", "by level: any number for each venue"),
      argument::vector("price", "by level: asks for a buy, bids for a sell", "venue"),
      argument::vector("size", "by level: offered there", "venue"),
      argument::optional(argument::vector("fee_bps", "by level: the venue's fee for taking; null is 0", "venue"))};
  static constexpr std::array outputs{result<&Results::allocation>("allocation", "by level: size to send"),
                                      result<&Results::net_price>("net_price", "by level: price with the fee"),
                                      result<&Results::unallocated>("unallocated", "what the levels do not hold")};

  static Results evaluate(const Params& p, Side side, double quantity, std::span<const std::int64_t> venue,
                          std::span<const double> price, std::span<const double> size,
                          std::span<const double> fee_bps) {
    if (side == Side::unknown) fail(Fault::config, "{}: side must be buy or sell, was null", doc.name);
    if (!(quantity >= 0.0)) fail(Fault::config, "{}: quantity must be 0 or more, was {}", doc.name, quantity);
    const auto sign = static_cast<double>(side);
    Results results{.allocation = std::vector<double>(venue.size(), 0.0), .net_price = {}, .unallocated = quantity};
    for (std::size_t i = 0; i < venue.size(); ++i) {
      const double fee = i < fee_bps.size() && has_value(fee_bps[i]) ? fee_bps[i] * 1e-4 : 0.0;
      const bool is_level = price[i] > 0.0 && size[i] > 0.0 && has_value(price[i]);
      results.net_price.push_back(is_level ? price[i] * (1.0 + sign * fee) : no_value);
    }
    std::vector<std::int64_t> venues;  // that take part
    for (const std::size_t i : by_net_price(results.net_price, sign)) {
      const bool is_new = std::find(venues.begin(), venues.end(), venue[i]) == venues.end();
      if (is_new && p.max_venues > 0 && static_cast<std::int64_t>(venues.size()) >= p.max_venues) continue;
      const double most = std::min(results.unallocated, size[i]);
      const double take = p.lot > 0.0 ? p.lot * std::floor(most / p.lot + 1e-9) : most;
      if (!(take > 0.0)) continue;
      if (is_new) venues.push_back(venue[i]);
      results.allocation[i] = take;
      results.unallocated = std::max(0.0, results.unallocated - take);
    }
    return results;
  }

 private:
  static std::vector<std::size_t> by_net_price(const std::vector<double>& net, double sign) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < net.size(); ++i) {
      if (has_value(net[i])) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return sign * net[a] < sign * net[b]; });
    return order;
  }
};

}  // namespace millrace
