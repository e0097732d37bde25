#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/table.h"

namespace millrace {

/// Weighted: the bid by the size at the ask, so that the price leans towards the side that is about to be eaten up.
/// That is no forecast; Stoikov's is, from a table fitted on the past (microstructure/stoikov_fit.h).
struct Microprice {
  static constexpr Doc doc{
      .name = "microprice",
      .title = "Middle of the quote, moved by the sizes at it",
      .formula =
          "weighted: (bid * ask_size + ask * bid_size) / (bid_size + ask_size);  stoikov: mid + g(imbalance, spread) "
          "of "
          "the table",
      .unit = "quote asset per base",
      .warmup = "none",
      .reference =
          "Gatheral, Oomen (2010), Finance and Stochastics 14, 249-283; Stoikov (2018), Quantitative Finance "
          "18, 1959-1966",
  };

  enum Method : std::uint8_t { weighted, stoikov };
  static constexpr std::array<std::string_view, 2> methods{"weighted", "stoikov"};
  struct Params {
    std::uint8_t method = weighted;
    const Table* table = nullptr;
    double tick = 0.0;
  };
  static constexpr std::array params{
      choice<&Params::method>("method", methods, "by the sizes opposite, or by a table fitted on the past"),
      table<&Params::table>("table", "of stoikov: g by bin i of the imbalance and spread s in ticks"),
      number<&Params::tick>("tick", 0.0, 1e300, "of stoikov: price step in which the spread is counted")};
  static std::string_view check(const Params& p) {
    if (p.method == stoikov) return p.table != nullptr && p.tick > 0.0 ? "" : "method=stoikov needs a table and a tick";
    return p.table == nullptr && p.tick == 0.0 ? "" : "table and tick go with method=stoikov";
  }

  static constexpr std::array inputs{InputInfo{"bid"}, InputInfo{"ask"}, InputInfo{"bid_size"}, InputInfo{"ask_size"}};
  static constexpr std::array outputs{OutputInfo{"microprice"}};

  static double update(const Params& p, double bid, double ask, double bid_size, double ask_size) noexcept {
    if (p.method == weighted) return (bid * ask_size + ask * bid_size) / (bid_size + ask_size);
    const double spread = std::round((ask - bid) / p.tick), imbalance = bid_size / (bid_size + ask_size);
    if (!(spread >= 1.0) || !(imbalance >= 0.0 && imbalance <= 1.0)) return no_value;
    const Table& g = *p.table;
    const auto n = static_cast<double>(g.rows);
    const auto i = static_cast<std::int64_t>(std::min(n - 1.0, std::floor(n * imbalance)));
    const auto s = static_cast<std::int64_t>(std::min(spread, static_cast<double>(g.columns)));
    return bid + 0.5 * (ask - bid) + g.at(i, s);
  }
};

}  // namespace millrace
