#include "millrace/engine/leg_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/chunk/column.h"
#include "millrace/engine/config.h"
#include "millrace/engine/lay_over.h"
#include "millrace/graph/legs.h"

namespace millrace {

bool is_feature_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (name.empty() || name.size() > longest_feature_name || is_digit(name.front())) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || is_digit(c); });
}

bool is_leg_name(std::string_view name) {
  return is_feature_name(name) && name != row_leg && !find_column(name) && name != "venue" && name != "symbol";
}

bool is_instrument(std::string_view text) {
  const std::size_t colon = text.find(':');
  return text.empty() || (colon != std::string_view::npos && colon > 0 && colon + 1 < text.size() && text.size() < 200);
}

void set_leg(FeatureSet& set, std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  const std::string_view instrument = equals == std::string_view::npos ? "" : text.substr(equals + 1);
  if (equals == std::string_view::npos || instrument.empty() || !is_instrument(instrument)) {
    fail(Fault::usage, "--leg: expected NAME=VENUE:SYMBOL such as btc=coinbase:BTC-USD, was `{}`", text);
  }
  const bool is_known = std::any_of(set.legs.begin(), set.legs.end(), [&](const Leg& leg) { return leg.name == name; });
  std::vector<std::string_view> names;
  for (const Leg& leg : set.legs) names.push_back(leg.name);
  if (!is_known) {
    fail(Fault::usage, "--leg: expected one of the legs of {} ({}), was `{}`{}", set.name,
         names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")), name, did_you_mean(name, names));
  }
  put_leg(set.legs, {std::string(name), std::string(instrument)});
}

}  // namespace millrace
