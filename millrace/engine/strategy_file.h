#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "millrace/trading/strategy_spec.h"

namespace millrace {

// A strategy file, in TOML:
//
//   name = "mine"                 default: the file's name without .toml
//   title = "…"  idea = "…"  loses = "…"
//   kind = "rules"                or a built-in class: "market_making", …; "overlay" goes over another strategy
//   over = "trend_following"      of an overlay: which
//   uses = "default-100"          features that expressions may name
//   needs = ["trades", "quotes"]  what the input must have: trades, quotes, sizes, bars, funding, …
//   [parameters]
//   k = { value = 2.0, min = 0.5, max = 5.0, meaning = "…", unit = "…" }   $k in expressions; "15m" is a length of time
//   [let]
//   s = "rolling_std(price, window=$window)"
//   [rules]
//   when = "closes(bar1m)"        rows on which entries and exits are looked at
//   entry_long = "zscore < -$k"   entry_short, exit_long, exit_short: conditions
//   exit_long = { reverted = "zscore >= 0", alarm = "cusum_alarm == -1" }  any of them, with names
//   gain = "1e4*abs(zscore)*s/price"   expected, in bps
//   sigma = "realized_vol_5m"     volatility over the holding time, for the size
//   stop = "3*s"  trail = "3*atr" distances in price; `close` is what the trail follows, left out: the last price
//
// All strategies have the parameters risk, k_sigma, cap and cooldown, and those of rules time_stop, with defaults.

/// Names of the embedded strategies, sorted.
std::vector<std::string> strategy_names();

/// Reads an embedded strategy or, where `name` ends in .toml, a file, and sets parameters ("key", "value"). Expressions
/// have their parameters inserted. Everything wrong is an Error(Fault::config) with file, line, column and key.
StrategySpec load_strategy(const std::string& name, const std::vector<std::pair<std::string, std::string>>& set);

/// The same for the text of a file.
StrategySpec load_strategy_text(std::string_view text, const std::string& file,
                                const std::vector<std::pair<std::string, std::string>>& set);

/// The same for a text, before parameters are set and inserted.
StrategySpec parse_strategy(std::string_view text, const std::string& file);

}  // namespace millrace
