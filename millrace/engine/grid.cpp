#include <algorithm>
#include <cmath>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/engine/sweep.h"

// Axes of a grid and the spans of a walk forward, as texts.

namespace millrace {

namespace {

std::vector<std::string> range_of(std::string_view text, std::string_view whole) {
  const std::size_t dots = text.find(".."), colon = text.find(':', dots);
  const auto first = parse_number(text.substr(0, dots));
  const auto last = parse_number(text.substr(dots + 2, colon == std::string_view::npos ? colon : colon - dots - 2));
  const auto step = colon == std::string_view::npos ? std::optional<double>(1.0) : parse_number(text.substr(colon + 1));
  if (!first || !last || !step || !(*step > 0.0) || !(*first <= *last)) {
    fail(Fault::usage, "--grid: expected NAME=FIRST..LAST or NAME=FIRST..LAST:STEP, was `{}`", whole);
  }
  const double count = std::floor((*last - *first) / *step + 1e-9) + 1.0;
  if (count > static_cast<double>(most_trials)) {
    fail(Fault::usage, "--grid: expected at most {} values, `{}` has {}", most_trials, whole, count);
  }
  std::vector<std::string> values;
  for (double i = 0.0; i < count; ++i) {
    // Steps of 0.1 are meant as decimals: 0.30000000000000004 is none.
    values.push_back(format_number(std::round((*first + i * *step) * 1e9) / 1e9));
  }
  return values;
}

}  // namespace

GridAxis parse_axis(std::string_view text) {
  const std::size_t equal = text.find('=');
  if (equal == std::string_view::npos || equal == 0 || equal + 1 == text.size()) {
    fail(Fault::usage, "--grid: expected NAME=1..4 or NAME=50,100,200, was `{}`", text);
  }
  GridAxis axis{.name = std::string(text.substr(0, equal))};
  const std::string_view values = text.substr(equal + 1);
  if (values.find("..") != std::string_view::npos) {
    axis.values = range_of(values, text);
    return axis;
  }
  for (const std::string_view one : split(values, ',')) {
    const std::string value(trimmed(one));
    if (value.empty()) fail(Fault::usage, "--grid: expected values between the commas, was `{}`", text);
    if (std::find(axis.values.begin(), axis.values.end(), value) != axis.values.end()) {
      fail(Fault::usage, "--grid: `{}` stands in `{}` twice", value, text);
    }
    axis.values.push_back(value);
  }
  return axis;
}

WalkForward parse_walk_forward(std::string_view text) {
  WalkForward walk;
  for (const std::string_view part : split(text, ',')) {
    const std::size_t equal = part.find('=');
    const std::string_view name = trimmed(part.substr(0, equal));
    const std::string_view value = equal == std::string_view::npos ? "" : trimmed(part.substr(equal + 1));
    const auto span = parse_duration(value);
    if (name == "embargo") {
      const bool is_percent = value.ends_with('%');
      const auto share = parse_number(is_percent ? value.substr(0, value.size() - 1) : value);
      if (!share || !(*share >= 0.0 && *share <= 100.0)) {
        fail(Fault::usage, "--walk-forward: embargo: expected a share such as 1%, was `{}`", value);
      }
      walk.embargo = is_percent ? *share / 100.0 : *share;
    } else if ((name == "train" || name == "test" || name == "purge") && span) {
      (name == "train" ? walk.train : name == "test" ? walk.test : walk.purge) = *span;
    } else {
      fail(Fault::usage, "--walk-forward: expected train=2d,test=1d[,purge=15m][,embargo=1%], was `{}`", text);
    }
  }
  if (walk.train <= 0 || walk.test <= 0) {
    fail(Fault::usage, "--walk-forward: expected train=… and test=…, was `{}`", text);
  }
  if (walk.purge >= walk.train) {
    fail(Fault::usage, "--walk-forward: expected a purge shorter than the training span of {}, was {}{}",
         format_duration(walk.train), format_duration(walk.purge),
         text.find("purge") == std::string_view::npos ? " (as none is given)" : "");
  }
  return walk;
}

}  // namespace millrace
