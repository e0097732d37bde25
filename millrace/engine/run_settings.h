#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "millrace/engine/backtest.h"

namespace millrace {

/// All that decides a backtest, as a user writes it. As run.toml beside its results it is complete: the files of
/// strategy, fees and instruments are in it with their text, and running it again gives the same bytes.
struct RunSettings {
  std::vector<std::string> inputs;
  std::string strategy;                                  // a name, or a file that ends in .toml
  std::vector<std::pair<std::string, std::string>> set;  // parameters
  std::string fees;                                      // a file, or "shipped"
  std::vector<std::string> tiers;                        // "venue=tier"
  std::vector<std::string> capital{"100000"};            // "100000", "coinbase:USD=50000", "coinbase:BTC-USD=2" held
  std::string asset;
  std::vector<std::string> rates;  // "USDT=1", "USDT=coinbase:USDT-USD"
  std::string feed_latency = "0ms", order_latency = "50ms", ack_latency = "50ms", queue = "conservative";
  std::vector<std::pair<std::string, std::string>> limits;  // guards: "name_max=0.5"
  std::string instruments, features, from, to;
  std::vector<std::string> symbols, legs;
  std::uint64_t seed = 1;
  bool has_edge_test = true, has_scenarios = true;
  std::string gap_limit = "10m";                           // a longer silence of an instrument is counted
  bool closes_at_gap = false;                              // and ends its position
  std::vector<std::string> grid;                           // of a sweep: "k=1..4"
  std::string walk_forward;                                // of a sweep
  std::vector<std::pair<std::string, std::string>> files;  // path and text, of a run that is played again
};

/// run.toml.
std::string to_toml(const RunSettings& settings);
RunSettings read_run_file(const std::string& path);
/// The same from its text. Throws Error(Fault::config) with file, line and column.
RunSettings parse_run_file(std::string_view text, const std::string& file);

/// Reads the texts. Fills `settings.files` with what it read from files. Throws Error(Fault::config or usage) naming
/// the option.
BacktestOptions make_options(RunSettings& settings);

/// Names of the limits that can be set.
std::vector<std::string> limit_names();

}  // namespace millrace
