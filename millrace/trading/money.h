#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace {

/// Money in books and orders: whole numbers of 1e-8 of an asset, so that an account adds up to the last unit. Up to
/// 92 billion of an asset fit.
using Amount = std::int64_t;
inline constexpr Amount one_unit = 100'000'000;
inline constexpr Amount most_amount = std::int64_t{9'000'000'000} * one_unit;  // beyond it an order is refused

/// Whole multiples of the instrument's `tick_size` and `lot_size`.
using Ticks = std::int64_t;
using Lots = std::int64_t;

constexpr double to_double(Amount amount) { return static_cast<double>(amount) / static_cast<double>(one_unit); }

/// The nearest amount, halves away from zero; nothing where it does not fit or is no number.
std::optional<Amount> to_amount(double value);

/// Prints all digits that count: "-12.5".
std::string format_amount(Amount amount);
std::optional<Amount> parse_amount(std::string_view text);

/// A decimal fraction, exactly: mantissa * 10^-digits.
struct Decimal {
  std::int64_t mantissa = 0;
  int digits = 0;  // 0 to 18

  /// Of the shortest text that reads back as `value`: 0.01 is 1e-2, not its nearest binary fraction. Nothing where more
  /// than 15 digits behind the point are needed.
  static std::optional<Decimal> from(double value);
};

/// a * b * c / 10^digits as a whole number, halves away from zero, without an overflow in between; saturates at
/// `most_amount` * 10.
Amount scaled_product(std::int64_t a, std::int64_t b, std::int64_t c, int digits);

/// part / whole of an amount, halves away from zero. REQUIRES: whole != 0.
Amount share_of(Amount amount, std::int64_t part, std::int64_t whole);

}  // namespace millrace
