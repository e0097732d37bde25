#include "millrace/io/field_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "millrace/base/text.h"
#include "millrace/market/tick.h"

namespace millrace {

double read_number(std::string_view text) {
  constexpr double bad = std::numeric_limits<double>::infinity();
  if (text.empty()) return no_value;
  double value = 0.0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem == std::errc{} && stop == end && std::isfinite(value)) return value;
  const std::string_view inside = trimmed(text);  // rare: blanks, a plus sign, or nonsense
  if (inside.empty()) return no_value;
  const auto number = parse_number(inside);
  if (!number || !std::isfinite(*number)) return bad;
  return *number;
}

std::uint8_t read_kind(std::string_view text) {
  text = trimmed(text);
  if (text.size() == 1 && text[0] >= '0' && text[0] <= '9') return static_cast<std::uint8_t>(text[0] - '0');
  const auto at = std::find(kind_names.begin(), kind_names.end(), text);
  return at == kind_names.end() ? unknown_kind : static_cast<std::uint8_t>(at - kind_names.begin());
}

std::optional<std::int8_t> read_side(std::string_view text) {
  text = trimmed(text);
  if (text.empty() || text == "0") return std::int8_t{0};
  if (text == "buy" || text == "+1" || text == "1" || text == "BUY") return std::int8_t{1};
  if (text == "sell" || text == "-1" || text == "SELL") return std::int8_t{-1};
  return std::nullopt;
}

std::optional<Nanos> scaled_time(std::int64_t count, Nanos unit) {
  Nanos time = 0;
  if (unit == 0 || __builtin_mul_overflow(count, unit, &time)) return std::nullopt;
  return time;
}

std::optional<Nanos> read_time(std::string_view text, Nanos unit) {
  text = trimmed(text);
  if (const auto count = parse_integer(text)) return scaled_time(*count, unit);
  return parse_time(text);
}

}  // namespace millrace
