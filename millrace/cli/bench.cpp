#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/cli/verbs.h"
#include "millrace/engine/config.h"
#include "millrace/engine/measure.h"

namespace millrace {

namespace {

struct Options {
  std::string profile = "default-100", kinds = "mixed";
  std::vector<std::size_t> symbols{14, 1000, 10'000};
  std::uint64_t rows = 2'000'000;
  std::size_t repetitions = 5;
  bool is_json = false;
};

Exit run(const Options& options) {
  const FeatureSet set = load_profile(options.profile);
  if (!set.legs.empty()) {
    fail(Fault::usage, "--profile: expected features of one instrument, {} looks at several", options.profile);
  }
  const auto plan = make_plan(set);
  std::string list;
  for (const std::size_t symbols : options.symbols) {
    SimulatedMarket::Options market{.rows = options.rows, .symbols = symbols, .seed = 7};
    market.kinds = options.kinds == "ticker" ? SimulatedMarket::Kinds::ticker : SimulatedMarket::Kinds::mixed;
    const Measured measured = measure_graph(plan, *make_measured_market(market, *plan), options.repetitions);
    if (options.is_json) {
      list += fmt::format(
          R"({}{{"profile":"{}","kinds":"{}","instruments":{},"rows":{},"rows_per_second":{:.0f},"one_row_p50_ns":{:.0f},)"
          R"("one_row_p99_ns":{:.0f},"snapshot_ms":{:.3f},"restore_ms":{:.3f},"state_bytes":{}}})",
          list.empty() ? "" : ",\n ", options.profile, options.kinds, symbols, measured.rows, measured.rows_per_second,
          measured.one_row_p50_ns, measured.one_row_p99_ns, measured.snapshot_ms, measured.restore_ms,
          measured.state_bytes);
      continue;
    }
    fmt::print(
        "{}, {} rows, {:>6} instruments: {:.2f} M rows/s on one core; one row {:.0f} ns (p99 {:.0f}); snapshot {:.2f} "
        "ms, restore {:.2f} ms, {} bytes an instrument\n",
        options.profile, options.kinds, symbols, measured.rows_per_second / 1e6, measured.one_row_p50_ns,
        measured.one_row_p99_ns, measured.snapshot_ms, measured.restore_ms, measured.state_bytes);
  }
  if (options.is_json) fmt::print("[{}]\n", list);
  return Exit::done;
}

}  // namespace

Verb add_bench(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("bench", "Measures the features on this machine, after checking the answers");
  verb->footer(
      "\nMedians of --repetitions runs over a simulated market in memory.\n\nExample:\n  millrace bench --symbols 14");
  verb->add_option("--profile", options->profile, "feature set")->capture_default_str();
  verb->add_option("--symbols", options->symbols, "instruments, one measurement for each number")->delimiter(',');
  verb->add_option("--rows", options->rows, "rows of the market")
      ->check(CLI::Range(1000, 20'000'000))
      ->capture_default_str();
  verb->add_option("--kinds", options->kinds, "quotes and trades mixed, or tickers alone")
      ->check(CLI::IsMember({"mixed", "ticker"}))
      ->capture_default_str();
  verb->add_option("--repetitions", options->repetitions, "of each measurement")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  verb->add_flag("--json", options->is_json, "machine-readable");
  return [options] { return run(*options); };
}

}  // namespace millrace
