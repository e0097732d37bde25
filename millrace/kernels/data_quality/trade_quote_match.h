#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/recent_quotes.h"

namespace millrace {

constexpr InputInfo further_quote(std::string_view name) {
  return {.name = name, .is_optional = true, .is_nullable = true};
}

/// The best prices over venues that prevailed before a trade. The quote of the trade's own moment may be caused by it;
/// `strict` leaves it out.
struct TradeQuoteMatch {
  static constexpr bool is_cross = true;
  static constexpr Doc doc{
      .name = "trade_quote_match",
      .title = "Best bid and ask over venues as of a trade",
      .formula =
          "nbb = max bid, nbo = min ask over the quotes as of t - delay that are at most tolerance old;  "
          "mid = (nbb + nbo) / 2, null where nbb > nbo",
      .unit = "quote asset; quote_age ns, of the older of the two quotes",
      .warmup = "first quote of a venue",
      .reference = "Holden, Jacobsen (2014), J. Finance 69, 1747-1785",
  };

  static constexpr std::size_t most_venues = 7;
  struct Params {
    Nanos delay = 0, tolerance = one_second;
    bool strict = true;
  };
  static constexpr std::array params{
      optional_duration<&Params::delay>("delay", 0, one_day, "how long before the trade its quotes are looked up"),
      duration<&Params::tolerance>("tolerance", 1, 400 * one_day, "oldest quote that counts, from t - delay"),
      flag<&Params::strict>("strict", "only quotes before t - delay, none at it")};

  struct State {
    Cell shown[4] = {};
    std::int64_t missed = 0;  // trades without a quote of a venue that had given some
  };
  static constexpr std::array inputs{InputInfo{"trade"},
                                     InputInfo{.name = "bid1", .is_nullable = true},
                                     InputInfo{.name = "ask1", .is_nullable = true},
                                     further_quote("bid2"),
                                     further_quote("ask2"),
                                     further_quote("bid3"),
                                     further_quote("ask3"),
                                     further_quote("bid4"),
                                     further_quote("ask4"),
                                     further_quote("bid5"),
                                     further_quote("ask5"),
                                     further_quote("bid6"),
                                     further_quote("ask6"),
                                     further_quote("bid7"),
                                     further_quote("ask7")};
  static constexpr std::array outputs{OutputInfo{"nbb"}, OutputInfo{"nbo"}, OutputInfo{"mid"},
                                      OutputInfo{.name = "quote_age", .is_span = true}};

  /// Without a delay the newest quotes do; with one, as many as may come meanwhile.
  static std::int64_t kept(const Params& p) noexcept { return p.delay > 0 ? 1024 : 17; }
  static std::size_t tail(const Params& p) { return most_venues * RecentQuotes::memory(kept(p)); }

  static constexpr bool watches_every_row = true;
  static std::array<Cell, 4> update(const Params& p, State& s, Tail tail, Inputs in, Fresh fresh, Stamps row) noexcept {
    for (std::size_t venue = 0; venue < most_venues; ++venue) {
      const std::size_t bid = 1 + 2 * venue, ask = bid + 1;
      if (!in.is_given(bid) || (fresh[bid] == unobserved && !(in.is_given(ask) && fresh[ask] != unobserved))) continue;
      quotes(p, tail, venue).insert({row.event, in[bid], in[ask]});
    }
    if (fresh[0] != unobserved) match(p, s, tail, in, fresh, row.event);
    return {s.shown[0], s.shown[1], s.shown[2], s.shown[3]};
  }

 private:
  static RecentQuotes quotes(const Params& p, Tail tail, std::size_t venue) noexcept {
    return {tail + venue * RecentQuotes::memory(kept(p)), kept(p)};
  }

  static void match(const Params& p, State& s, Tail tail, Inputs in, const Fresh& fresh, Nanos trade) noexcept {
    std::fill_n(s.shown, 4, Cell());
    if (fresh[0] != observed) return;
    const Nanos at = trade - p.delay;
    double bid = no_value, ask = no_value;
    Nanos bid_time = no_time, ask_time = no_time;
    for (std::size_t venue = 0; venue < most_venues && in.is_given(1 + 2 * venue); ++venue) {
      const RecentQuotes::Quote quote = quotes(p, tail, venue).as_of(p.strict ? at - 1 : at);
      if (quote.time == no_time || at - quote.time > p.tolerance) {
        ++s.missed;
        continue;
      }
      if (has_value(quote.bid) && !(bid >= quote.bid)) {
        bid = quote.bid;
        bid_time = quote.time;
      }
      if (has_value(quote.ask) && !(ask <= quote.ask)) {
        ask = quote.ask;
        ask_time = quote.time;
      }
    }
    const bool has_both = has_value(bid) && has_value(ask);
    s.shown[0] = Cell(bid);
    s.shown[1] = Cell(ask);
    if (has_both && bid <= ask) s.shown[2] = Cell(bid + 0.5 * (ask - bid));
    if (has_both) s.shown[3] = Cell(trade - std::min(bid_time, ask_time));
  }
};

}  // namespace millrace
