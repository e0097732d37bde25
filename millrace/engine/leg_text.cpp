#include "millrace/engine/leg_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/engine/lay_over.h"

namespace millrace {

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
