#pragma once

#include <array>
#include <limits>

#include "millrace/kernels/family.h"

namespace millrace {

/// The venue's word first, then the quote that stood before the trade (the trade itself moves the quote), and at the
/// middle of it the last change of the price. Every row is watched, since a quote row brings no trade.
struct TradeSign {
  static constexpr bool watches_every_row = true;
  static constexpr Doc doc{
      .name = "trade_sign",
      .title = "Side of the aggressor",
      .formula = "venue side;  else sign(price - mid);  at the mid: sign of the last non-zero price change",
      .unit = "1: +1 bought, -1 sold",
      .warmup = "until decided: a venue side, a quote before, or a price change",
      .reference = "Lee, Ready (1991), J. Finance 46, 733-746; Ellis, Michaely, O'Hara (2000), JFQA 35, 529-551",
  };

  enum Quote : std::uint8_t { previous, same };
  static constexpr std::array<std::string_view, 2> quotes{"previous", "same"};
  struct Params {
    std::uint8_t quote = previous;
  };
  static constexpr std::array params{
      choice<&Params::quote>("quote", quotes, "of the row before the trade, or of its row")};

  struct State {
    double bid = no_value, ask = no_value;  // of the previous row
    double price = no_value;                // of the last trade
    double direction = no_value;            // of the last non-zero price change
    double output = no_value;
  };
  static constexpr std::array inputs{InputInfo{.name = "price", .is_nullable = true},
                                     InputInfo{.name = "bid", .is_nullable = true},
                                     InputInfo{.name = "ask", .is_nullable = true},
                                     InputInfo{.name = "side", .is_optional = true, .is_nullable = true}};
  static constexpr std::array outputs{OutputInfo{.name = "trade_sign", .is_flag = true}};

  static double classify(double price, double bid, double ask, double direction) noexcept {
    if (!(bid > 0.0 && bid <= ask)) return no_value;
    const double above = 2.0 * price - bid - ask;
    if (std::abs(above) <= 4.0 * std::numeric_limits<double>::epsilon() * (bid + ask)) return direction;
    return above > 0.0 ? 1.0 : -1.0;
  }

  static double update(const Params& p, State& s, double price, double bid, double ask, double side,
                       Seen seen) noexcept {
    if (seen != unobserved) {
      s.output = no_value;
      if (has_value(price)) {
        s.direction = price > s.price ? 1.0 : price < s.price ? -1.0 : s.direction;
        s.price = price;
        const bool is_known = side > 0.0 || side < 0.0;
        s.output = is_known          ? std::copysign(1.0, side)
                   : p.quote == same ? classify(price, bid, ask, s.direction)
                                     : classify(price, s.bid, s.ask, s.direction);
      }
    }
    s.bid = bid;
    s.ask = ask;
    return s.output;
  }
};

}  // namespace millrace
