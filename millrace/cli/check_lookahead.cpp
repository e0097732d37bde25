#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "millrace/cli/run_options.h"
#include "millrace/cli/verbs.h"
#include "millrace/engine/interrupt.h"
#include "millrace/engine/lookahead.h"

namespace millrace {

namespace {

struct Options {
  RunOptions run;
  std::size_t cuts = 3;
};

Exit run(Options& options) {
  watch_signals();
  const BacktestOptions backtest = options_of(options.run);
  const LookaheadResult result = check_lookahead(backtest, inputs_of(options.run), options.cuts);
  fmt::print("{}: {} decisions over {} rows, compared in {} runs\n", backtest.strategy.name, result.decisions,
             result.rows, result.runs);
  for (const LookaheadFault& one : result.faults) {
    fmt::print("  with {} the first decision that changed:\n    was  {}\n    is   {}\n", one.alteration, one.expected,
               one.found);
  }
  if (result.faults.empty()) fmt::print("  no decision depends on what came after it\n");
  return result.faults.empty() ? Exit::done : Exit::failed;
}

}  // namespace

Verb add_check_lookahead(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("check-lookahead", "Finds decisions of a strategy that depend on the future");
  verb->footer(
      "\nExample:\n  millrace check-lookahead --in market.parquet --strategy mine.toml --fees shipped\n"
      "\nExits with 1 where a decision depends on the future.");
  add_run_options(*verb, options->run);
  verb->add_option("--cuts", options->cuts, "places behind which the future is left out and shuffled")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  return [options] { return run(*options); };
}

}  // namespace millrace
