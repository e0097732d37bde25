#pragma once

#include <cmath>
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
inline std::optional<Amount> to_amount(double value) {
  const double scaled = std::round(value * static_cast<double>(one_unit));
  if (!(std::abs(scaled) <= static_cast<double>(most_amount))) return std::nullopt;
  return static_cast<Amount>(scaled);
}

/// Prints all digits that count: "-12.5".
std::string format_amount(Amount amount);
std::optional<Amount> parse_amount(std::string_view text);

/// A decimal fraction, exactly: mantissa * 10^-digits.
struct Decimal {
  std::int64_t mantissa = 0;
  int digits = 0;  // 0 to 18

  /// The nearest double.
  double value() const { return divided(static_cast<double>(mantissa)); }

  /// `count` times it. REQUIRES: the product of `count` and the mantissa fits.
  double times(std::int64_t count) const { return divided(static_cast<double>(count * mantissa)); }

  /// How many of it `value` is, not yet whole.
  double steps_in(double value) const {
    const double scaled = value * powers[digits];
    return mantissa == 1 ? scaled : scaled / static_cast<double>(mantissa);
  }

  /// Of the shortest text that reads back as `value`: 0.01 is 1e-2, not its nearest binary fraction. Nothing where more
  /// than 15 digits behind the point are needed.
  static std::optional<Decimal> from(double value);

 private:
  static constexpr double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                      1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
  double divided(double whole) const { return digits == 0 ? whole : whole / powers[digits]; }
};

/// a * b * c / 10^digits as a whole number, halves away from zero, without an overflow in between; saturates at
/// `most_amount` * 10.
Amount scaled_product(std::int64_t a, std::int64_t b, std::int64_t c, int digits);

/// part / whole of an amount, halves away from zero. REQUIRES: whole != 0.
Amount share_of(Amount amount, std::int64_t part, std::int64_t whole);

}  // namespace millrace
