#include "millrace/engine/backtest.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/cli/run_options.h"
#include "millrace/cli/verbs.h"
#include "millrace/engine/build_info.h"
#include "millrace/engine/interrupt.h"
#include "millrace/engine/performance.h"
#include "millrace/engine/report_html.h"
#include "millrace/engine/report_json.h"
#include "millrace/engine/run_settings.h"
#include "millrace/engine/strategy_file.h"
#include "millrace/io/run_folder.h"
#include "millrace/io/whole_file.h"

namespace millrace {

namespace {

struct Options {
  RunOptions run;
  std::string out;
  bool is_quiet = false;
};

void print_result(const RunResult& result) {
  const EquityPoint& last = result.equity.back();
  const double net = last.equity - result.capital;
  const double gross = net + last.fees - last.funding - last.borrow;
  fmt::print("{} from {} to {}\n", result.title, format_time(result.from), format_time(result.to));
  fmt::print("  net {:+.2f} {} ({:+.3f} %), gross {:+.2f}, fees {:.2f}, funding {:+.2f}\n", net, result.asset,
             100.0 * net / result.capital, gross, last.fees, last.funding);
  double earned = 0.0, after_fills = 0.0, inventory = 0.0;
  for (const SymbolResult& one : result.symbols) {
    earned -= one.spread_cost + one.impact_cost;
    after_fills += one.markout_5s;
    inventory += one.inventory_pnl;
  }
  fmt::print("  gross is spread earned {:+.2f}, the 5 s after fills {:+.2f}, inventory {:+.2f}\n", earned, after_fills,
             inventory);
  fmt::print("  {} orders, {} fills, {} round trips", result.orders_total, result.fills_total, result.trades_total);
  fmt::print("{}\n", result.fills_total == 0 ? ": nothing was traded" : "");
  for (const auto* list : {&result.blocked, &result.rejected}) {
    for (const Count& one : *list) {
      fmt::print("    {} {}: {}\n", list == &result.blocked ? "blocked" : "rejected", one.name, one.count);
    }
  }
  for (const Scenario& one : result.scenarios) {
    fmt::print("  {:<12} net {:+.2f}, {} fills\n", one.name, one.net_pnl, one.fills);
  }
  for (const std::string& note : result.notes) fmt::print("  note: {}\n", note);
}

Exit run(Options& options) {
  watch_signals();
  BacktestOptions backtest = options_of(options.run);
  check_apart_from_inputs(options.out, options.run.settings.inputs);
  RunFolder folder(options.out);
  backtest.out = folder.partial();
  backtest.has_progress = ::isatty(STDERR_FILENO) != 0;
  const std::string settings = to_toml(options.run.settings);
  backtest.provenance = {{"millrace.schema", "run 1"},
                         {"millrace.build", std::string(build_id())},
                         {"millrace.strategy", backtest.strategy.name},
                         {"millrace.run", settings}};
  const RunResult result = run_backtest(backtest, inputs_of(options.run));
  const Performance performance = measure_performance(result);
  write_whole_file(folder.partial() + "/report.json", report_json(result, performance));
  write_whole_file(folder.partial() + "/report.html", report_html(result, performance));
  write_whole_file(folder.partial() + "/run.toml", settings);
  folder.publish();
  if (!options.is_quiet) {
    print_result(result);
    fmt::print("\n{}/report.html\n", options.out);
  }
  return Exit::done;
}

}  // namespace

Verb add_backtest(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("backtest", "Plays a strategy over recorded ticks, with fees, latency and queues");
  verb->footer(
      "\nExamples:\n  millrace backtest --in market.parquet --strategy mean_reversion --fees shipped --out run\n"
      "  millrace backtest --in ticks/ --strategy mine.toml --set entry_z=2.5 --fees fees.toml --latency 80ms --out "
      "run\n"
      "  millrace backtest --run run/run.toml --out again");
  add_run_options(*verb, options->run);
  verb->add_option("--out", options->out, "folder for the report and the records")->required();
  verb->add_flag("!--no-scenarios", options->run.settings.has_scenarios,
                 "does not play twice the costs, the latency and the size");
  verb->add_flag("--quiet", options->is_quiet, "prints nothing");
  return [options] { return run(*options); };
}

}  // namespace millrace
