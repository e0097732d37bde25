#include "millrace/engine/sweep.h"

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "millrace/base/error.h"
#include "millrace/cli/run_options.h"
#include "millrace/cli/verbs.h"
#include "millrace/engine/interrupt.h"
#include "millrace/engine/sweep_html.h"
#include "millrace/io/whole_file.h"

namespace millrace {

namespace {

struct Options {
  RunOptions run;
  std::vector<std::string> grid;
  std::string walk_forward, out;
  bool is_quiet = false;
};

Exit run(Options& options) {
  watch_signals();
  std::vector<GridAxis> axes;
  for (const std::string& one : options.grid) axes.push_back(parse_axis(one));
  const WalkForward walk = options.walk_forward.empty() ? WalkForward{} : parse_walk_forward(options.walk_forward);
  options_of(options.run);  // complains before the work begins
  if (!options.out.empty()) {
    std::error_code code;
    std::filesystem::create_directories(options.out, code);
    if (code) fail(Fault::output, "{}: expected a folder to write to: {}", options.out, code.message());
  }
  const SweepResult result = run_sweep(options.run.settings, axes, walk, options.run.threads,
                                       ::isatty(STDERR_FILENO) != 0, inputs_of(options.run));
  if (!options.out.empty()) {
    write_whole_file(options.out + "/sweep.json", std::string_view(to_json(result)));
    write_whole_file(options.out + "/sweep.html", std::string_view(sweep_html(result)));
    write_whole_file(options.out + "/run.toml", std::string_view(to_toml(options.run.settings)));
  }
  if (!options.is_quiet) {
    fmt::print("{}", to_text(result));
    fmt::print("\n{:.2f} s, {:.2f} M rows x trials / s\n", result.seconds,
               static_cast<double>(result.rows * result.trials.size()) / result.seconds / 1e6);
  }
  return Exit::done;
}

}  // namespace

Verb add_sweep(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("sweep", "Plays a strategy with every set of parameters of a grid, in one pass");
  verb->footer(
      "\nExamples:\n  millrace sweep --in market.parquet --strategy mean_reversion --fees shipped --grid entry_z=1..4 "
      "--grid stop_sd=2,3,5 --out sweep\n"
      "  millrace sweep --in ticks/ --strategy trend_following --fees shipped --grid fast=8,12 --walk-forward "
      "train=2d,test=1d,embargo=1% --out sweep");
  add_run_options(*verb, options->run);
  verb->add_option("--grid", options->grid, "values of a parameter: k=1..4, k=1..2:0.25 or window=50,100,200")
      ->required();
  verb->add_option("--walk-forward", options->walk_forward, "train=2d,test=1d[,purge=15m][,embargo=1%]");
  verb->add_option("--out", options->out, "folder for sweep.html, sweep.json and run.toml");
  verb->add_flag("--quiet", options->is_quiet, "prints nothing");
  return [options] { return run(*options); };
}

}  // namespace millrace
