#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/cli/verbs.h"
#include "millrace/engine/build_info.h"
#include "millrace/engine/interrupt.h"

namespace millrace {
namespace {

constexpr const char* about =
    "millrace computes the same features over crypto market data in research, backtest and live trading: one C++ "
    "kernel, "
    "equal bits.";
constexpr const char* footer =
    "\nTry:\n  millrace simulate --out market.parquet --rows 1000000\n"
    "  millrace research --in market.parquet --out features.parquet\n"
    "\nExit codes: 0 done, 1 the run failed, 2 the command line cannot be understood, 3 finished but more rows were "
    "bad than "
    "--max-bad allows.";

/// What was printed must have arrived: a full disk behind `> file` is a failure, a closed pipe ends quietly.
Exit flushed(Exit exit) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return exit;
  if (errno != EPIPE) fmt::print(stderr, "millrace: stdout: {}\n", std::strerror(errno));
  return Exit::failed;
}

Exit run(int argc, char** argv) {
  CLI::App app(about, "millrace");
  app.set_version_flag("--version", std::string(build_id()));
  app.footer(footer);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  using Add = Verb (*)(CLI::App&);
  std::vector<std::pair<CLI::App*, Verb>> verbs;
  for (const Add add : {add_research, add_simulate, add_kernels, add_features, add_inspect, add_bench}) {
    Verb verb = add(app);
    verbs.emplace_back(app.get_subcommands({}).back(), std::move(verb));
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return flushed(code == 0 ? Exit::done : Exit::usage);
  }
  for (const auto& [subcommand, verb] : verbs) {
    if (subcommand->parsed()) return flushed(verb());
  }
  return Exit::usage;
}

}  // namespace
}  // namespace millrace

int main(int argc, char** argv) {
  using millrace::Exit;
  millrace::watch_signals();
  try {
    return static_cast<int>(millrace::run(argc, argv));
  } catch (const millrace::Error& error) {
    fmt::print(stderr, "millrace: {}\n", error.what());
    return static_cast<int>(error.fault() == millrace::Fault::usage ? Exit::usage : Exit::failed);
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "millrace: out of memory\n");
  } catch (const std::exception& error) {
    fmt::print(stderr, "millrace: {}\n", error.what());
  }
  return static_cast<int>(Exit::failed);
}
