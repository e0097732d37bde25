#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
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

/// Never throws, though stderr may be closed.
void complain(const std::string& what) { std::fputs(("millrace: " + what + "\n").c_str(), stderr); }

/// A full disk behind `> file` is a failure, a closed pipe ends quietly.
Exit cannot_print(int problem) {
  if (problem != EPIPE) complain(fmt::format("stdout: {}", std::strerror(problem)));
  return Exit::failed;
}

/// What was printed must have arrived.
Exit flushed(Exit exit) { return std::fflush(stdout) == 0 && std::ferror(stdout) == 0 ? exit : cannot_print(errno); }

/// Takes the numbers of standard streams that are closed, so that no file of ours gets one of them and what is printed
/// goes into it. Opened the wrong way round, they still fail when used.
void hold_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) == -1 && errno == EBADF) {
      static_cast<void>(::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY));
    }
  }
}

/// A first word that is no verb.
std::optional<std::string> complaint_of_verb(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return std::nullopt;
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(verb->get_name());
  if (std::find(names.begin(), names.end(), argv[1]) != names.end()) return std::nullopt;
  const std::vector<std::string_view> views(names.begin(), names.end());
  return fmt::format("expected one of {}, was `{}`{}", fmt::join(names, ", "), argv[1], did_you_mean(argv[1], views));
}

Exit printing(const Verb& verb) {
  try {
    return flushed(verb());
  } catch (const std::system_error& error) {
    if (std::ferror(stdout) == 0) throw;
    return cannot_print(error.code().value());
  }
}

Exit run(int argc, char** argv) {
  CLI::App app(about, "millrace");
  app.set_version_flag("--version", std::string(build_id()));
  app.footer(footer);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  using Add = Verb (*)(CLI::App&);
  std::vector<std::pair<CLI::App*, Verb>> verbs;
  for (const Add add : {add_research, add_backtest, add_sweep, add_check_lookahead, add_diff, add_simulate, add_kernels,
                        add_features, add_inspect, add_asof, add_bench}) {
    Verb verb = add(app);
    verbs.emplace_back(app.get_subcommands({}).back(), std::move(verb));
  }
  if (const auto complaint = complaint_of_verb(app, argc, argv)) fail(Fault::usage, "{}", *complaint);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return flushed(code == 0 ? Exit::done : Exit::usage);
  }
  for (const auto& [subcommand, verb] : verbs) {
    if (subcommand->parsed()) return printing(verb);
  }
  return Exit::usage;
}

}  // namespace
}  // namespace millrace

int main(int argc, char** argv) {
  using millrace::Exit;
  millrace::hold_standard_streams();
  millrace::let_writes_fail();
  try {
    return static_cast<int>(millrace::run(argc, argv));
  } catch (const millrace::Error& error) {
    millrace::complain(error.what());
    return static_cast<int>(error.fault() == millrace::Fault::usage ? Exit::usage : Exit::failed);
  } catch (const std::bad_alloc&) {
    millrace::complain("out of memory");
  } catch (const std::exception& error) {
    millrace::complain(error.what());
  }
  return static_cast<int>(Exit::failed);
}
