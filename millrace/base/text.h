#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// Splits at every `separator`; an empty text gives no parts.
std::vector<std::string_view> split(std::string_view text, char separator);

/// Cuts white space off both ends.
std::string_view trimmed(std::string_view text);

/// Reads a whole text as a decimal number ("1e-5", "-3.5"); nothing where anything is left over or it does not fit.
std::optional<double> parse_number(std::string_view text);
std::optional<std::int64_t> parse_integer(std::string_view text);

/// The shortest decimal text that reads back as the same double.
std::string format_number(double value);

/// The candidate with the fewest edits to `word`; empty where none is within a third of its letters (at least two).
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

/// " (did you mean `x`?)" or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

/// Where text stops to be UTF-8; nothing where it is.
std::optional<std::size_t> first_malformed(std::string_view text);

/// A JSON string literal with its quotes; bytes that are no UTF-8 become U+FFFD.
std::string json_quoted(std::string_view text);

}  // namespace millrace
