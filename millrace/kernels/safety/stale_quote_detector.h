#pragma once

#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// Silence is seen on every row, whatever its kind; before the first quote the answer is stale. A quote that took too
/// long to arrive, or lacks a side, is stale on its own row.
struct StaleQuoteDetector {
  static constexpr bool watches_every_row = true;
  static constexpr bool takes_row_times = true;
  static constexpr Doc doc{
      .name = "stale_quote_detector",
      .title = "Quote older than a limit",
      .formula =
          "age = ts_event - ts_event of the last update;  stale where age > max_age, or on a quote row where "
          "ts_recv - ts_event > max_age or a side is missing",
      .unit = "is_stale 0 or 1; age in ms, below 0 on late rows",
      .warmup = "none; stale before the first quote",
      .reference = "SEC Rule 15c3-5 (2010), Market Access",
  };

  enum Basis : std::uint8_t { update_of_any, change };
  static constexpr std::array<std::string_view, 2> bases{"update", "change"};
  struct Params {
    Nanos max_age = one_second;
    std::uint8_t basis = update_of_any;
  };
  static constexpr std::array params{
      duration<&Params::max_age>("max_age", 1, 400 * one_day, "oldest quote that is not stale"),
      choice<&Params::basis>("basis", bases, "what renews it: every quote with both sides, or one with other prices")};

  struct State {
    double bid = no_value, ask = no_value;  // of the last quote with both sides
    Nanos updated = no_time;                // ts_event of the last update
  };
  static constexpr std::array inputs{InputInfo{.name = "bid", .is_nullable = true},
                                     InputInfo{.name = "ask", .is_nullable = true}};
  static constexpr std::array outputs{OutputInfo{.name = "is_stale", .is_flag = true}, OutputInfo{"quote_age_ms"}};

  static std::array<double, 2> update(const Params& p, State& s, double bid, double ask, Stamps row,
                                      Seen seen) noexcept {
    const bool is_quote = seen != unobserved, has_sides = has_value(bid) && has_value(ask);
    if (is_quote && has_sides) {
      if (p.basis == update_of_any || bid != s.bid || ask != s.ask) s.updated = row.event;
      s.bid = bid;
      s.ask = ask;
    }
    const bool is_known = s.updated != no_time;
    const Nanos age = is_known ? row.event - s.updated : 0;
    const bool is_slow = is_quote && row.received != no_time && row.received - row.event > p.max_age;
    const bool is_stale = !is_known || age > p.max_age || is_slow || (is_quote && !has_sides);
    return {is_stale ? 1.0 : 0.0, is_known ? static_cast<double>(age) / 1e6 : no_value};
  }
};

}  // namespace millrace
