#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/graph/feature_set.h"

namespace millrace {

// A feature file, in TOML:
//
//   name = "mine"             default: the file's name without .toml
//   extends = "listed-36"     a profile, or a path from this file's folder: its definitions come first
//   mode = "extend"           or "replace": what the file does to the profile it is used beside
//   uses = "default-100"      as `extends`, but its features are names only, no columns
//   tolerance = "500ms"       values of other legs that are older are null, outside of asof() and grid()
//   [legs]
//   btc = "binance:BTC-USDT"  an instrument that expressions name, as in `x.price/btc.price`; "" = not there
//   [venues.binance]
//   fee_bps = 10              what `fee_bps=venue` and `other_bps=venue` mean for legs on it; other_bps is 0 if left
//   out [let] half = "0.5*(bid + ask)"  a name for a part of expressions; no column [features] gap = "price - half"
//   fast = { expression = "ewma(price, half_life=10s)", unit = "px", warmup = "row 1" }
//
// Features become columns in the order of the file. A definition replaces an earlier one of its name in its place.
// All that is wrong with one file is reported in one Error(Fault::config), each as "file:line:column: key `x`:
// expected …, was …".

inline constexpr std::size_t longest_feature_file = 1024 * 1024;  // bytes
inline constexpr std::size_t longest_feature_name = 200;          // characters
inline constexpr std::size_t most_extends = 16;                   // files that extend one another

/// Names of the embedded profiles, sorted.
std::vector<std::string> profile_names();

/// An embedded profile. An unknown name is an error that says the nearest.
FeatureSet load_profile(std::string_view name);

FeatureSet read_feature_file(const std::string& path);

/// `file` is the path that messages show and `extends` starts from.
FeatureSet parse_feature_text(std::string_view text, const std::string& file);

/// A set of names and expressions that stand in no file.
FeatureSet make_feature_set(std::string name, std::vector<Definition> lets, std::vector<Definition> features);

/// What `--profile` and `--features` mean together: the file extends the profile or, if it says so, replaces it.
FeatureSet combine(FeatureSet profile, FeatureSet file);

}  // namespace millrace
