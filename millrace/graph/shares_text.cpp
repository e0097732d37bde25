#include "millrace/graph/shares_text.h"

#include <cmath>

#include <fmt/format.h>

#include "millrace/base/text.h"

namespace millrace {

std::optional<Shares> parse_shares(std::string_view text, double lowest, double highest) {
  Shares shares;
  double sum = 0.0;
  for (const std::string_view pair : split(text, ',')) {
    const std::size_t colon = pair.find(':');
    if (colon == pair.npos || shares.count == Shares::most) return std::nullopt;
    const auto of = parse_number(trimmed(pair.substr(0, colon)));
    const auto share = parse_number(trimmed(pair.substr(colon + 1)));
    if (!of || !(*of >= lowest && *of <= highest) || !share || !(*share > 0.0 && *share <= 1.0)) return std::nullopt;
    shares.of[shares.count] = *of;
    shares.share[shares.count++] = *share;
    sum += *share;
  }
  return std::abs(sum - 1.0) <= 1e-9 ? std::optional(shares) : std::nullopt;
}

std::string text_of(const Shares& shares) {
  std::string text;
  for (std::int64_t i = 0; i < shares.count; ++i) {
    text += fmt::format("{}{}:{}", i == 0 ? "" : ",", format_number(shares.of[i]), format_number(shares.share[i]));
  }
  return text;
}

}  // namespace millrace
