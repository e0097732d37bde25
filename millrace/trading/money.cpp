#include "millrace/trading/money.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "millrace/base/text.h"

namespace millrace {

namespace {

__extension__ using Wide = __int128;  // no amount times a price overflows it

constexpr Wide most = Wide{most_amount};

Wide power_of_ten(int digits) {
  Wide power = 1;
  for (int i = 0; i < digits; ++i) power *= 10;
  return power;
}

Wide rounded_quotient(Wide value, Wide divisor) {
  if (divisor < 0) {
    value = -value;
    divisor = -divisor;
  }
  const Wide half = divisor / 2;
  return value >= 0 ? (value + half) / divisor : -((-value + half) / divisor);
}

Amount saturated(Wide value) { return static_cast<Amount>(std::clamp(value, -most, most)); }

}  // namespace

std::string format_amount(Amount amount) {
  const auto magnitude = amount < 0 ? -static_cast<std::uint64_t>(amount) : static_cast<std::uint64_t>(amount);
  std::string text = fmt::format("{}{}.{:08}", amount < 0 ? "-" : "", magnitude / one_unit, magnitude % one_unit);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::optional<Amount> parse_amount(std::string_view text) {
  // Digit by digit where it is a plain decimal: a double would lose what is behind its 16 digits.
  constexpr std::size_t most_digits = 18;
  constexpr int fraction_digits = 8;
  const bool is_negative = text.starts_with('-');
  std::string_view rest = text.substr(is_negative ? 1 : 0);
  Amount digits = 0;
  int fraction = -1;
  const bool is_plain = !rest.empty() && rest.size() <= most_digits && rest.front() != '.' && rest.back() != '.' &&
                        std::all_of(rest.begin(), rest.end(), [&](char c) {
                          if (c == '.') return fraction++ < 0;
                          digits = digits * 10 + (c - '0');
                          if (fraction >= 0) ++fraction;
                          return c >= '0' && c <= '9';
                        });
  if (!is_plain || fraction > fraction_digits) {
    const auto value = parse_number(text);
    return value ? to_amount(*value) : std::nullopt;
  }
  const Wide scaled = digits * power_of_ten(fraction_digits - std::max(fraction, 0));
  if (scaled > Wide{most_amount}) return std::nullopt;
  return static_cast<Amount>(is_negative ? -scaled : scaled);
}

std::optional<Decimal> Decimal::from(double value) {
  if (!std::isfinite(value) || std::abs(value) > 9e15) return std::nullopt;
  for (int digits = 0; digits <= 15; ++digits) {
    const double scaled = std::round(value * std::pow(10.0, digits));
    if (std::abs(scaled) > 9e15) return std::nullopt;
    if (scaled / std::pow(10.0, digits) == value) return Decimal{static_cast<std::int64_t>(scaled), digits};
  }
  return std::nullopt;
}

Amount scaled_product(std::int64_t a, std::int64_t b, std::int64_t c, int digits) {
  // Two factors below 2^63 fit 126 bits; the third only where the first two are small, so divide as late as possible.
  const Wide first = Wide{a} * b;
  const Wide room = (Wide{1} << 126) / std::max<std::int64_t>(std::abs(c), 1);
  if (first <= room && first >= -room) return saturated(rounded_quotient(first * c, power_of_ten(digits)));
  const int early = digits / 2;
  const Wide rough = rounded_quotient(first, power_of_ten(early));
  if (rough > room || rough < -room) return (rough < 0) == (c < 0) ? most_amount : -most_amount;
  return saturated(rounded_quotient(rough * c, power_of_ten(digits - early)));
}

Amount share_of(Amount amount, std::int64_t part, std::int64_t whole) {
  return saturated(rounded_quotient(Wide{amount} * part, whole));
}

}  // namespace millrace
