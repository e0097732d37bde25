#include "millrace/engine/run_settings.h"

#include <array>
#include <cmath>
#include <filesystem>
#include <functional>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/engine/fee_file.h"
#include "millrace/engine/leg_text.h"
#include "millrace/engine/strategy_file.h"
#include "millrace/engine/toml_tree.h"
#include "millrace/io/instrument_table.h"
#include "millrace/io/whole_file.h"

namespace millrace {

namespace {

using Pair = std::pair<std::string, std::string>;

constexpr Amount most_capital = 1'000'000'000 * one_unit;  // five times as much is played too

struct NumberLimit {
  std::string_view name;
  double GuardLimits::*member;
  double least, most;
};
constexpr std::array number_limits{
    NumberLimit{"price_band", &GuardLimits::price_band, 0.0, 10.0},
    NumberLimit{"fat_finger_band", &GuardLimits::fat_finger_band, 0.0, 10.0},
    NumberLimit{"notional_max", &GuardLimits::notional_max, 0.0, 1e18},
    NumberLimit{"adv_share_max", &GuardLimits::adv_share_max, 0.0, 1e6},
    NumberLimit{"name_max", &GuardLimits::name_max, 0.0, 100.0},
    NumberLimit{"gross_max", &GuardLimits::gross_max, 0.0, 100.0},
    NumberLimit{"net_max", &GuardLimits::net_max, 0.0, 100.0},
    NumberLimit{"daily_loss_max", &GuardLimits::daily_loss_max, 0.0, 1.0},
    NumberLimit{"kill_loss_max", &GuardLimits::kill_loss_max, 0.0, 1.0},
    NumberLimit{"var_max", &GuardLimits::var_max, 0.0, 1.0},
    NumberLimit{"rate_per_s", &GuardLimits::rate_per_s, 0.01, 1e6},
    NumberLimit{"cancel_reserve", &GuardLimits::cancel_reserve, 0.0, 0.9},
    NumberLimit{"breaker_band", &GuardLimits::breaker_band, 0.0, 10.0},
};
struct TimeLimit {
  std::string_view name;
  Nanos GuardLimits::*member;
};
constexpr std::array time_limits{TimeLimit{"quote_age_max", &GuardLimits::quote_age_max},
                                 TimeLimit{"clock_offset_max", &GuardLimits::clock_offset_max},
                                 TimeLimit{"breaker_window", &GuardLimits::breaker_window},
                                 TimeLimit{"breaker_cooldown", &GuardLimits::breaker_cooldown}};

void set_limit(GuardLimits& limits, const Pair& pair) {
  for (const NumberLimit& one : number_limits) {
    if (one.name != pair.first) continue;
    const auto number = parse_number(pair.second);
    if (!number || !(*number >= one.least && *number <= one.most)) {
      fail(Fault::config, "--limit {}: expected a number from {} to {}, was `{}`", one.name, one.least, one.most,
           pair.second);
    }
    limits.*one.member = *number;
    return;
  }
  for (const TimeLimit& one : time_limits) {
    if (one.name != pair.first) continue;
    const auto span = parse_duration(pair.second);
    if (!span || *span <= 0)
      fail(Fault::config, "--limit {}: expected a length of time such as 1s, was `{}`", one.name, pair.second);
    if (one.member == &GuardLimits::breaker_window && *span % 60 != 0) {
      fail(Fault::config,
           "--limit {}: expected a length of time that divides into 60 whole nanoseconds such as 60s, was `{}`",
           one.name, pair.second);
    }
    limits.*one.member = *span;
    return;
  }
  const std::vector<std::string> names = limit_names();
  const std::vector<std::string_view> views(names.begin(), names.end());
  fail(Fault::config, "--limit: expected one of {}, was `{}`{}", fmt::join(names, ", "), pair.first,
       did_you_mean(pair.first, views));
}

Deposit read_deposit(const std::string& text) {
  Deposit deposit;
  std::string_view amount = text;
  if (const std::size_t equal = text.find('='); equal != std::string::npos) {
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos || colon > equal) {
      fail(Fault::usage, "--capital: expected AMOUNT or VENUE:ASSET=AMOUNT, was `{}`", text);
    }
    deposit.venue = text.substr(0, colon);
    deposit.asset = text.substr(colon + 1, equal - colon - 1);
    amount = std::string_view(text).substr(equal + 1);
  }
  const auto parsed = parse_amount(amount);
  if (!parsed || *parsed <= 0 || *parsed > most_capital) {
    fail(Fault::config, "--capital: expected an amount above 0 and at most {}, was `{}`", format_amount(most_capital),
         text);
  }
  deposit.amount = *parsed;
  return deposit;
}

Nanos read_time(const std::string& text, std::string_view option) {
  if (text.empty()) return no_time;
  const auto time = parse_time(text);
  if (!time)
    fail(Fault::usage, "{}: expected a time such as 2026-11-22 or 2026-11-22T10:00:00Z, was `{}`", option, text);
  return *time;
}

QueueModel read_queue(const std::string& text) {
  if (text == "conservative") return QueueModel::conservative;
  if (text == "probabilistic") return QueueModel::probabilistic;
  if (text == "by_level") return QueueModel::by_level;
  fail(Fault::usage, "--queue: expected conservative, probabilistic or by_level, was `{}`", text);
}

/// run.toml is UTF-8 and no longer than what reads it again allows.
void check_text(const RunSettings& settings, const std::string& path, std::string_view text) {
  if (const auto at = first_malformed(text)) {
    fail(Fault::config, "{}: expected UTF-8, byte {} is none", path, *at + 1);
  }
  std::size_t sum = text.size();
  for (const Pair& one : settings.files) sum += one.second.size();
  if (sum > longest_toml_file / 2) {
    fail(Fault::config, "{}: expected files of strategy, fees and instruments of at most {} bytes together, were {}",
         path, longest_toml_file / 2, sum);
  }
}

/// A file's text: that of the run that is played again, else the file's, which is kept for the next time.
const std::string& text_of_file(RunSettings& settings, const std::string& path) {
  for (const Pair& one : settings.files) {
    if (one.first == path) return one.second;
  }
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) fail(Fault::config, "{}: expected a file, was a folder", path);
  const Bytes bytes = read_whole_file(path);
  std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  check_text(settings, path, text);
  settings.files.emplace_back(path, std::move(text));
  return settings.files.back().second;
}

StrategySpec read_strategy(RunSettings& settings) {
  if (!settings.strategy.ends_with(".toml")) return load_strategy(settings.strategy, settings.set);
  return load_strategy_text(text_of_file(settings, settings.strategy), settings.strategy, settings.set);
}

FeeTable read_fees(RunSettings& settings) {
  if (settings.fees.empty()) {
    fail(Fault::usage, "--fees: expected a fee table, FILE.toml or `shipped`; a run without fees is refused");
  }
  FeeTable table = settings.fees == "shipped" ? load_fees("shipped")
                                              : parse_fees(text_of_file(settings, settings.fees), settings.fees);
  for (const std::string& tier : settings.tiers) set_fee_tier(table, tier);
  return table;
}

RateText read_rate(const std::string& text) {
  const std::size_t equal = text.find('=');
  if (equal == std::string::npos || equal == 0 || equal + 1 == text.size()) {
    fail(Fault::usage, "--rate: expected ASSET=NUMBER or ASSET=VENUE:SYMBOL, was `{}`", text);
  }
  RateText rate{text.substr(0, equal), text.substr(equal + 1)};
  const auto number = parse_number(rate.rate);
  if (number && !(*number > 0.0 && std::isfinite(*number))) {
    fail(Fault::config, "--rate {}: expected a number above 0, was `{}`", rate.asset, rate.rate);
  }
  return rate;
}

/// A position that the strategy may want and the guards would never let pass.
void check_leverage(const StrategySpec& strategy, const GuardLimits& limits) {
  const StrategyParameter* cap = strategy.find("cap");
  if (cap == nullptr) return;
  for (const auto& [name, most] : {std::pair{"name_max", limits.name_max}, std::pair{"gross_max", limits.gross_max}}) {
    if (cap->value <= most) continue;
    fail(Fault::config,
         "{}: parameter `cap`: expected at most the limit {} of {} of the equity, was {}; --limit {}={} allows it",
         strategy.name, name, format_number(most), cap->text, name, cap->text);
  }
}

void read_gaps(const RunSettings& settings, BacktestOptions& options) {
  const auto limit = parse_duration(settings.gap_limit);
  if (!limit || *limit <= 0) {
    fail(Fault::usage, "--gap-limit: expected a length of time such as 10m, was `{}`", settings.gap_limit);
  }
  options.most_gap = *limit;
  options.lane.desk.most_gap = *limit;
  options.lane.desk.closes_at_gap = settings.closes_at_gap;
}

}  // namespace

std::vector<std::string> limit_names() {
  std::vector<std::string> names;
  for (const NumberLimit& one : number_limits) names.emplace_back(one.name);
  for (const TimeLimit& one : time_limits) names.emplace_back(one.name);
  return names;
}

BacktestOptions make_options(RunSettings& settings) {
  BacktestOptions options{.strategy = read_strategy(settings), .fees = read_fees(settings)};
  for (const std::string& leg : settings.legs) set_leg(options.strategy.features, leg);
  options.symbols = settings.symbols;
  options.from = read_time(settings.from, "--from");
  options.to = read_time(settings.to, "--to");
  if (options.from != no_time && options.to != no_time && options.from >= options.to) {
    fail(Fault::usage, "--from: expected a time before --to {}, was {}", settings.to, settings.from);
  }
  for (const std::string& one : settings.capital) options.deposits.push_back(read_deposit(one));
  if (options.deposits.empty()) fail(Fault::usage, "--capital: expected an amount, was none");
  options.asset = settings.asset;
  for (const std::string& one : settings.rates) options.rates.push_back(read_rate(one));
  if (!settings.instruments.empty()) {
    options.instruments = parse_instrument_table(text_of_file(settings, settings.instruments), settings.instruments);
  }
  options.features = settings.features;
  options.lane.feed = parse_latency(settings.feed_latency, "--feed-latency");
  options.lane.sim.order_latency = parse_latency(settings.order_latency, "--latency");
  options.lane.sim.ack_latency = parse_latency(settings.ack_latency, "--ack-latency");
  options.lane.sim.queue = read_queue(settings.queue);
  options.lane.sim.seed = settings.seed;
  options.lane.desk.has_edge_test = settings.has_edge_test;
  options.has_scenarios = settings.has_scenarios;
  for (const Pair& one : settings.limits) set_limit(options.lane.desk.limits, one);
  check_leverage(options.strategy, options.lane.desk.limits);
  read_gaps(settings, options);
  return options;
}

}  // namespace millrace
