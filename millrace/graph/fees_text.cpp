#include "millrace/graph/fees_text.h"

#include <fmt/format.h>

#include "millrace/base/text.h"

namespace millrace {

std::optional<Fees> parse_fees(std::string_view text, double lowest, double highest) {
  Fees fees{.count = 0};
  for (const std::string_view part : split(text, ',')) {
    const auto bps = parse_number(trimmed(part));
    if (static_cast<std::size_t>(fees.count) == Fees::most) return std::nullopt;
    if (!bps || !(*bps >= lowest && *bps <= highest)) return std::nullopt;
    fees.bps[fees.count++] = *bps;
  }
  return fees.count > 0 ? std::optional(fees) : std::nullopt;
}

std::string text_of(const Fees& fees) {
  std::string text;
  for (std::int64_t i = 0; i < fees.count; ++i) {
    text += fmt::format("{}{}", i == 0 ? "" : ",", format_number(fees.bps[i]));
  }
  return text;
}

}  // namespace millrace
