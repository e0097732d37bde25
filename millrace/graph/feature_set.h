#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/base/time.h"

namespace millrace {

/// `name = "expression"`, with its place in a file for messages.
struct Definition {
  std::string name;
  std::string expression;
  std::string unit = {};             // empty: the unit of the kernel at its root
  std::string warmup = {};           // empty: that of the kernel at its root
  std::size_t line = 0, column = 0;  // of the expression's first character; 0 = not from a file
  std::string file = {};             // empty: the set's
  bool is_used = false;              // comes with a set that is used for its names: gives way to a feature
};

/// An instrument that expressions name besides the row's own: `a = "binance:BTC-USDT"`.
struct Leg {
  std::string name;
  std::string instrument;            // "venue:symbol"; empty: not there, what needs it is null
  std::size_t line = 0, column = 0;  // in its file
};

/// What a venue takes for a trade, in bps: its fee, and all that comes on top.
struct VenueCosts {
  std::string name;
  double fee_bps = 0.0, other_bps = 0.0;
};

/// What to compute: features become columns in this order, lets are names for parts of expressions.
struct FeatureSet {
  std::string name;  // of the profile
  std::string file;  // "<embedded listed-36.toml>", "my.toml"
  std::vector<Definition> lets;
  std::vector<Definition> features;
  std::vector<Leg> legs;
  std::vector<VenueCosts> venues;
  Nanos tolerance = 0;          // > 0: older values of other legs are null, without asof() and grid()
  bool is_replacement = false;  // beside a profile: takes its place instead of extending it
};

inline constexpr std::size_t most_definitions = 10'000;

}  // namespace millrace
