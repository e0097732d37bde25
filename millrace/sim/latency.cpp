#include "millrace/sim/latency.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"

namespace millrace {

namespace {

constexpr std::string_view forms = "50ms, uniform(20ms,80ms), lognormal(50ms,0.5) or recorded";
constexpr double most_sigma = 3.0;

Nanos length_of(std::string_view text, std::string_view whole, std::string_view where) {
  text = trimmed(text);
  if (text == "0" || text == "0ms" || text == "0s") return 0;
  const auto length = parse_duration(text);
  if (!length) {
    fail(Fault::config, "{}: expected a latency such as {}, was \"{}\": \"{}\" is no length of time", where, forms,
         whole, text);
  }
  if (*length > LatencyModel::longest) {
    fail(Fault::config, "{}: expected a latency of at most {}, was \"{}\"", where,
         format_duration(LatencyModel::longest), text);
  }
  return *length;
}

}  // namespace

LatencyModel parse_latency(std::string_view text, std::string_view where) {
  using Shape = LatencyModel::Shape;
  constexpr Nanos cap = LatencyModel{}.cap;
  const std::string_view whole = trimmed(text);
  const std::size_t open = whole.find('(');
  const std::string_view name = trimmed(whole.substr(0, open));
  if (open == std::string_view::npos) {
    if (name == "recorded") return {.shape = Shape::recorded};
    const Nanos length = length_of(name, whole, where);
    return {.shape = Shape::constant, .least = length, .most = length, .cap = std::max(cap, length)};
  }
  constexpr std::array<std::string_view, 2> names{"uniform", "lognormal"};
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    fail(Fault::config, "{}: expected a latency such as {}, was \"{}\"{}", where, forms, whole,
         did_you_mean(name, names));
  }
  if (whole.back() != ')') fail(Fault::config, "{}: expected a closing bracket, was \"{}\"", where, whole);
  const auto parts = split(whole.substr(open + 1, whole.size() - open - 2), ',');
  if (parts.size() != 2) {
    fail(Fault::config, "{}: expected two numbers in brackets, such as {}, was \"{}\"", where, forms, whole);
  }
  const Nanos first = length_of(parts[0], whole, where);
  if (name == "uniform") {
    const Nanos second = length_of(parts[1], whole, where);
    if (second < first) fail(Fault::config, "{}: expected the shorter latency first, was \"{}\"", where, whole);
    return {.shape = Shape::uniform, .least = first, .most = second, .cap = std::max(cap, second)};
  }
  const auto sigma = parse_number(trimmed(parts[1]));
  if (!sigma || !(*sigma >= 0.0 && *sigma <= most_sigma)) {
    fail(Fault::config, "{}: expected a deviation of the logarithm from 0 to {}, was \"{}\"", where, most_sigma,
         trimmed(parts[1]));
  }
  return {.shape = Shape::lognormal, .least = first, .most = first, .sigma = *sigma, .cap = std::max(cap, first)};
}

std::string format_latency(const LatencyModel& model) {
  const auto length = [](Nanos nanos) { return nanos == 0 ? std::string("0ms") : format_duration(nanos); };
  switch (model.shape) {
    case LatencyModel::Shape::constant: return length(model.least);
    case LatencyModel::Shape::uniform: return fmt::format("uniform({},{})", length(model.least), length(model.most));
    case LatencyModel::Shape::lognormal:
      return fmt::format("lognormal({},{})", length(model.least), format_number(model.sigma));
    case LatencyModel::Shape::recorded: break;
  }
  return "recorded";
}

Nanos LatencyStream::draw(const MarketRow* newest) {
  Nanos latency = model_.least;
  switch (model_.shape) {
    case LatencyModel::Shape::constant: break;
    case LatencyModel::Shape::uniform:
      latency += static_cast<Nanos>(random_.uniform() * static_cast<double>(model_.most - model_.least + 1));
      break;
    case LatencyModel::Shape::lognormal:
      // The cap is compared as a double: the tail of a great sigma fits no integer.
      latency = static_cast<Nanos>(std::min(static_cast<double>(model_.least) * random_.lognormal(model_.sigma),
                                            static_cast<double>(model_.cap)));
      break;
    case LatencyModel::Shape::recorded: {
      const bool is_known = newest != nullptr && newest->ts_event != no_time && newest->ts_recv != no_time;
      latency = is_known ? newest->ts_recv - newest->ts_event : model_.cap;
      break;
    }
  }
  latency = std::clamp<Nanos>(latency, 0, model_.cap);
  return model_.multiple == 1.0 ? latency : static_cast<Nanos>(static_cast<double>(latency) * model_.multiple);
}

}  // namespace millrace
