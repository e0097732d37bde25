#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace millrace {

/// Exit codes of the program.
enum class Exit : int {
  done = 0,
  failed = 1,        // the run could not finish; stderr says why
  usage = 2,         // the command line cannot be understood
  too_much_bad = 3,  // finished, but the ledger passed --max-bad
};

/// What a verb does once its options are read.
using Verb = std::function<Exit()>;

// Each adds its options to its own subcommand, of which it is given the parent.
Verb add_asof(CLI::App& app);
Verb add_backtest(CLI::App& app);
Verb add_bench(CLI::App& app);
Verb add_check_lookahead(CLI::App& app);
Verb add_diff(CLI::App& app);
Verb add_features(CLI::App& app);
Verb add_inspect(CLI::App& app);
Verb add_kernels(CLI::App& app);
Verb add_research(CLI::App& app);
Verb add_simulate(CLI::App& app);
Verb add_sweep(CLI::App& app);

}  // namespace millrace
