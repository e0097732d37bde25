#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/graph/feature_set.h"

namespace millrace {

/// A number or a length of time that a user may set, and a sweep varies. `$name` in an expression stands for it.
struct StrategyParameter {
  std::string name;
  std::string text;    // as written: "2", "15m", "coinbase:BTC-USD"
  double value = 0.0;  // of a number; of a length of time in s; 0 of a text
  bool is_duration = false, is_text = false;
  double least = 0.0, most = 0.0;  // both 0: any
  std::string meaning, unit;
  std::size_t line = 0, column = 0;
};

/// One condition or number of a rule: `exit_long = { reverted = "zscore >= 0", alarm = "cusum_alarm < 0" }` has two.
struct RuleText {
  std::string rule, name;  // "exit_long", "reverted"; a rule of one text has the rule's own name
  Definition definition;   // its expression and place
};

/// A strategy as its file says it: parameters, features, and rules or the name of a built-in class.
struct StrategySpec {
  std::string name, title, file;
  std::string kind = "rules";      // or "market_making", … : who decides
  std::string idea, loses;         // for its page: what it hopes for, and when that fails
  std::vector<std::string> needs;  // "trades", "quotes", "sizes", "funding", "two venues", …
  std::vector<StrategyParameter> parameters;
  FeatureSet features;  // what expressions may name; its own features are columns of the signals
  std::vector<RuleText> rules;
  bool overlay = false;  // has the conditions of one

  const StrategyParameter* find(std::string_view parameter) const;
  /// REQUIRES: it is there.
  double number(std::string_view parameter) const;
  Nanos duration(std::string_view parameter) const;
  const std::string& text(std::string_view parameter) const;

  /// Sets a parameter from a text. Throws Error(Fault::config) where it is unknown, no number or outside its range;
  /// `where` begins the message.
  void set(std::string_view parameter, std::string_view text, std::string_view where);
};

/// Puts the parameters' texts for `$name` into expressions and rules. Throws Error(Fault::config) for unknown names.
/// To be called once, after the last `set`.
void insert_parameters(StrategySpec& spec);

}  // namespace millrace
