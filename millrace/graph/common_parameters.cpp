#include <array>
#include <utility>

#include <fmt/format.h>

#include "millrace/graph/parameters.h"

namespace millrace {

namespace {

constexpr std::array<std::string_view, 5> observed_names{"any", "trade", "quote", "funding", "bar"};

}  // namespace

KindSet kinds_of(Observed on) {
  switch (on) {
    case Observed::any: return every_kind;
    case Observed::trade: return trade_kinds;
    case Observed::quote: return quote_kinds;
    case Observed::funding: return funding_kinds;
    case Observed::bar: break;
  }
  return 0;
}

CommonParameters read_common_parameters(const std::vector<Argument>& arguments, std::vector<Complaint>& complaints) {
  CommonParameters common;
  bool has_policy = false;
  for (const auto& [name, value, at] : arguments) {
    if ((name == "on" && common.on) || (name == "nan_policy" && std::exchange(has_policy, true))) {
      complaints.push_back({at, fmt::format("{} is given twice", name)});
    } else if (name == "on") {
      std::size_t word = 0;
      while (word < observed_names.size() && observed_names[word] != value) ++word;
      if (word < observed_names.size()) {
        common.on = static_cast<Observed>(word);
      } else {
        complaints.push_back({at, fmt::format("on must be any, trade, quote, funding or bar, was `{}`", value)});
      }
    } else if (name == "nan_policy") {
      common.is_reset_by_null = value == "reset";
      if (value == "reset" || value == "skip") continue;
      complaints.push_back({at, fmt::format("nan_policy must be skip or reset, was `{}`", value)});
    }
  }
  return common;
}

}  // namespace millrace
