#include "millrace/engine/sweep.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "millrace/base/error.h"
#include "millrace/cli/run_options.h"
#include "millrace/cli/verbs.h"
#include "millrace/engine/interrupt.h"
#include "millrace/engine/sweep_html.h"
#include "millrace/io/run_folder.h"
#include "millrace/io/whole_file.h"

namespace millrace {

namespace {

struct Options {
  RunOptions run;
  std::string out;
  bool is_quiet = false;
};

Exit run(Options& options) {
  watch_signals();
  const RunSettings& settings = options.run.settings;
  if (settings.grid.empty()) fail(Fault::usage, "--grid: expected NAME=1..4 or NAME=50,100,200, was none");
  std::vector<GridAxis> axes;
  for (const std::string& one : settings.grid) axes.push_back(parse_axis(one));
  const WalkForward walk = settings.walk_forward.empty() ? WalkForward{} : parse_walk_forward(settings.walk_forward);
  options_of(options.run);  // complains before the work begins
  std::optional<RunFolder> folder;
  if (!options.out.empty()) {
    check_apart_from_inputs(options.out, settings.inputs);
    folder.emplace(options.out);
  }
  const SweepResult result =
      run_sweep(settings, axes, walk, options.run.threads, ::isatty(STDERR_FILENO) != 0, inputs_of(options.run));
  if (folder) {
    write_whole_file(folder->partial() + "/sweep.json", std::string_view(to_json(result)));
    write_whole_file(folder->partial() + "/sweep.html", std::string_view(sweep_html(result)));
    write_whole_file(folder->partial() + "/run.toml", std::string_view(to_toml(settings)));
    folder->publish();
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
  verb->add_option("--grid", options->run.settings.grid,
                   "values of a parameter: k=1..4, k=1..2:0.25 or window=50,100,200");
  verb->add_option("--walk-forward", options->run.settings.walk_forward, "train=2d,test=1d[,purge=15m][,embargo=1%]");
  verb->add_option("--out", options->out, "folder for sweep.html, sweep.json and run.toml");
  verb->add_flag("--quiet", options->is_quiet, "prints nothing");
  return [options] { return run(*options); };
}

}  // namespace millrace
