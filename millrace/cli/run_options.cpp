#include "millrace/cli/run_options.h"

#include <algorithm>
#include <string_view>
#include <thread>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "millrace/base/error.h"
#include "millrace/engine/strategy_file.h"
#include "millrace/io/inputs.h"

namespace millrace {

namespace {

std::pair<std::string, std::string> taken_apart(const std::string& text, std::string_view option) {
  const std::size_t equal = text.find('=');
  if (equal == std::string::npos || equal == 0) fail(Fault::usage, "{}: expected NAME=VALUE, was `{}`", option, text);
  return {text.substr(0, equal), text.substr(equal + 1)};
}

/// What is given on the command line takes the place of what an earlier run had.
void put(std::vector<std::pair<std::string, std::string>>& into, const std::vector<std::string>& texts,
         std::string_view option) {
  std::vector<std::string> seen;
  for (auto& [name, value] : pairs_of(texts, option)) {
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      fail(Fault::usage, "{}: `{}` is given twice", option, name);
    }
    seen.push_back(name);
    const auto at = std::find_if(into.begin(), into.end(), [&key = name](const auto& one) { return one.first == key; });
    if (at == into.end()) {
      into.emplace_back(name, value);
    } else {
      at->second = value;
    }
  }
}

/// A file that is named beside --run is read, though the earlier run had one of that name.
void forget_files(RunOptions& options) {
  const RunSettings& settings = options.settings;
  for (const auto& [option, path] : {std::pair{"--strategy", &settings.strategy}, std::pair{"--fees", &settings.fees},
                                     std::pair{"--instruments", &settings.instruments}}) {
    if (options.verb->count(option) == 0) continue;
    std::erase_if(options.settings.files, [&file = *path](const auto& one) { return one.first == file; });
  }
}

}  // namespace

std::vector<std::pair<std::string, std::string>> pairs_of(const std::vector<std::string>& texts,
                                                          std::string_view option) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& one : texts) pairs.push_back(taken_apart(one, option));
  return pairs;
}

void add_run_options(CLI::App& verb, RunOptions& options) {
  RunSettings& settings = options.settings;
  options.threads = std::max(1U, std::thread::hardware_concurrency());
  options.verb = &verb;
  verb.add_option_function<std::string>(
          "--run",
          [&options](const std::string& path) {
            options.again = path;
            options.settings = read_run_file(path);
          },
          "run.toml of an earlier run, which is played again; other options beside it take the place of its own")
      ->trigger_on_parse();
  verb.add_option("--in,--parquet", settings.inputs, "ticks: files, folders, datasets (venue=…/date=…) or globs");
  verb.add_option("--strategy", settings.strategy,
                  fmt::format("{}, or a file that ends in .toml", fmt::join(strategy_names(), ", ")));
  verb.add_option("--set", options.set, "a parameter of the strategy: entry_z=2.5");
  verb.add_option("--fees", settings.fees, "fee table: a TOML file, or `shipped` for published tables of 2024");
  verb.add_option("--tier", settings.tiers, "fee tier of a venue: binance=vip1");
  verb.add_option("--capital", settings.capital,
                  "100000, or for each wallet: coinbase:USD=50000; what is held from the start: coinbase:BTC-USD=2")
      ->capture_default_str();
  verb.add_option("--asset", settings.asset, "what the account counts in; left out: the asset of the capital");
  verb.add_option("--rate", settings.rates,
                  "worth of an asset: USDT=1, or an instrument's price: USDT=coinbase:USDT-USD");
  verb.add_option("--latency", settings.order_latency,
                  "of orders: 50ms, uniform(20ms,80ms), lognormal(50ms,0.5) or recorded")
      ->capture_default_str();
  verb.add_option("--ack-latency", settings.ack_latency, "of the venue's answers")->capture_default_str();
  verb.add_option("--feed-latency", settings.feed_latency, "of market data")->capture_default_str();
  verb.add_option("--queue", settings.queue, "of resting orders: conservative, probabilistic or by_level")
      ->capture_default_str();
  verb.add_option("--limit", options.limits, fmt::format("of the safety checks: {}", fmt::join(limit_names(), ", ")));
  verb.add_option("--instruments", settings.instruments,
                  "CSV: venue, symbol, tick_size, lot_size, min_notional, contract, multiplier, …");
  verb.add_option("--features", settings.features, "feature file of `research --strategy` over the same ticks");
  verb.add_option("--symbols", settings.symbols, "only these: BTC-USD or coinbase:BTC-USD, separated by commas")
      ->delimiter(',');
  verb.add_option("--leg", settings.legs, "instrument of a leg of the strategy: btc=coinbase:BTC-USD");
  verb.add_option("--from", settings.from, "first time, UTC (2026-11-22 or RFC 3339)");
  verb.add_option("--to", settings.to, "first time no longer wanted");
  verb.add_option("--seed", settings.seed, "of random latencies")->capture_default_str();
  verb.add_flag("!--no-edge-test", settings.has_edge_test,
                "whether an entry must expect 1.5 times its round trip's cost");
  verb.add_option("--gap-limit", settings.gap_limit, "a longer silence of an instrument is counted and noted")
      ->capture_default_str();
  verb.add_flag("--close-at-gap,!--no-close-at-gap", settings.closes_at_gap,
                "closes a position on the first row after such a silence");
  verb.add_option("--threads", options.threads, "threads for features")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
}

BacktestOptions options_of(RunOptions& options) {
  RunSettings& settings = options.settings;
  put(settings.set, options.set, "--set");
  put(settings.limits, options.limits, "--limit");
  if (!options.again.empty()) forget_files(options);
  if (settings.seed > static_cast<std::uint64_t>(INT64_MAX)) {
    fail(Fault::usage, "--seed: expected a whole number from 0 to {}, was {}", INT64_MAX, settings.seed);
  }
  if (settings.inputs.empty()) fail(Fault::usage, "--in: expected files of ticks, was none");
  if (settings.strategy.empty()) fail(Fault::usage, "--strategy: expected a name or a file, was none");
  BacktestOptions backtest = make_options(settings);
  backtest.threads = options.threads;
  return backtest;
}

OpenSource inputs_of(const RunOptions& options) {
  return [&options](Instruments& instruments, Ledger& ledger) {
    return open_inputs(options.settings.inputs, {}, instruments, ledger);
  };
}

}  // namespace millrace
