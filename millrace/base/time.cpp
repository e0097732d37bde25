#include "millrace/base/time.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace millrace {

namespace {

using Unit = std::pair<std::string_view, Nanos>;
constexpr std::array units{Unit{"d", one_day},    Unit{"h", 3600 * one_second}, Unit{"m", 60 * one_second},
                           Unit{"s", one_second}, Unit{"ms", 1'000'000},        Unit{"us", 1'000},
                           Unit{"ns", 1}};

/// Takes exactly `count` digits off the front of `text`; -1 where they are not there.
int take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return -1;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Nanos> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  Nanos value = 0;
  std::size_t digits = 0;
  while (digits < 9 && !text.empty() && text.front() >= '0' && text.front() <= '9') {
    value = value * 10 + (text.front() - '0');
    text.remove_prefix(1);
    ++digits;
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 9; ++digits) value *= 10;
  return value;
}

std::optional<Nanos> take_offset(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return 0;
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const Nanos sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  const int hours = take_digits(text, 2);
  take(text, ':');
  const int minutes = take_digits(text, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  return sign * (hours * 3600 + minutes * 60) * one_second;
}

/// Midnight of a civil date, or nothing where there is no such day or it does not fit into int64 nanoseconds.
std::optional<Nanos> midnight(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year < 1678 || year > 2261 || !date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * one_day;
}

}  // namespace

std::optional<Nanos> parse_time(std::string_view text) {
  const int year = take_digits(text, 4);
  if (year < 0 || !take(text, '-')) return std::nullopt;
  const int month = take_digits(text, 2);
  if (month < 1 || !take(text, '-')) return std::nullopt;
  const int day = take_digits(text, 2);
  if (day < 1) return std::nullopt;
  const auto date = midnight(year, month, day);
  if (!date || text.empty()) return date;
  if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
  const int hour = take_digits(text, 2);
  if (hour < 0 || hour > 23 || !take(text, ':')) return std::nullopt;
  const int minute = take_digits(text, 2);
  if (minute < 0 || minute > 59 || !take(text, ':')) return std::nullopt;
  const int second = take_digits(text, 2);
  if (second < 0 || second > 60) return std::nullopt;  // 60 is a leap second
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return *date + (hour * 3600 + minute * 60 + second) * one_second + *fraction - *offset;
}

std::string format_time(Nanos time) {
  if (time == no_time) return "null";
  const Nanos seconds = time / one_second - (time % one_second < 0 ? 1 : 0);
  const Nanos fraction = (time % one_second + one_second) % one_second;
  const auto moment = std::chrono::sys_seconds(std::chrono::seconds(seconds));
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(moment - day);
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                 clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (fraction != 0) text += fmt::format(".{:09}", fraction);
  return text + "Z";
}

std::optional<Nanos> parse_duration(std::string_view text) {
  double value = 0.0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || !(value > 0.0)) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const auto& [name, length] : units) {
    if (unit != name) continue;
    const double nanos = value * static_cast<double>(length);
    if (nanos > 9e15 * 1e3 || nanos != std::floor(nanos)) return std::nullopt;
    return static_cast<Nanos>(nanos);
  }
  return std::nullopt;
}

std::string format_duration(Nanos length) {
  for (const auto& [name, unit] : units) {
    if (length % unit == 0) return fmt::format("{}{}", length / unit, name);
  }
  return fmt::format("{}ns", length);
}

}  // namespace millrace
