#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "millrace/engine/run_settings.h"

namespace CLI {
class App;
}

namespace millrace {

/// What backtest, sweep and check-lookahead ask for alike.
struct RunOptions {
  RunSettings settings;
  std::vector<std::string> set, limits;  // "name=value", not yet taken apart
  std::size_t threads = 1;
  std::string again;               // run.toml of an earlier run; what is given beside it counts
  const CLI::App* verb = nullptr;  // that they were given to
};

/// "name=value" taken apart. Throws Error(Fault::usage) naming the option.
std::vector<std::pair<std::string, std::string>> pairs_of(const std::vector<std::string>& texts,
                                                          std::string_view option);

void add_run_options(CLI::App& verb, RunOptions& options);

/// Throws Error(Fault::usage or config) for what is wrong with them.
BacktestOptions options_of(RunOptions& options);
OpenSource inputs_of(const RunOptions& options);

}  // namespace millrace
