#include "millrace/engine/simulate.h"

#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/chunk/door.h"
#include "millrace/cli/verbs.h"
#include "millrace/engine/build_info.h"
#include "millrace/engine/interrupt.h"
#include "millrace/io/parquet_sink.h"

namespace millrace {

namespace {

struct Options {
  std::string output, kinds = "mixed";
  SimulatedMarket::Options market;
};

Exit run(Options& options) {
  watch_signals();
  options.market.kinds = options.kinds == "ticker" ? SimulatedMarket::Kinds::ticker : SimulatedMarket::Kinds::mixed;
  Instruments instruments;
  SimulatedMarket market(options.market, instruments);
  const auto sink = make_parquet_sink({.path = options.output,
                                       .columns = market.columns(),
                                       .codec = Codec::zstd,
                                       .order = RowOrder::time,
                                       .has_statistics = true,
                                       .threads = 2},
                                      instruments);
  Chunk chunk;
  bool is_more = true;
  while (is_more) {
    stop_if_asked();
    chunk.reset(market.columns());
    is_more = market.next(chunk);
    sink->write(chunk, {});
  }
  sink->close(
      {{"millrace.schema", "ticks 1"},
       {"millrace.source", fmt::format("simulate --rows {} --symbols {} --seed {} --kinds {}", options.market.rows,
                                       options.market.symbols, options.market.seed, options.kinds)},
       {"millrace.build", std::string(build_id())}});
  fmt::print("{}: {} rows of {} instruments, seed {}\n", options.output, options.market.rows, options.market.symbols,
             options.market.seed);
  return Exit::done;
}

}  // namespace

Verb add_simulate(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("simulate", "Writes a deterministic simulated market as canonical ticks");
  verb->footer("\nExample:\n  millrace simulate --out market.parquet --rows 1000000 --symbols 14 --seed 7");
  verb->add_option("--out", options->output, "Parquet file to write")->required();
  verb->add_option("--rows", options->market.rows, "rows in all")
      ->check(CLI::Range(1ULL, 10'000'000'000ULL))
      ->capture_default_str();
  verb->add_option("--symbols", options->market.symbols, "instruments, of Zipf activity")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  verb->add_option("--seed", options->market.seed, "same seed, same bytes")->capture_default_str();
  verb->add_option("--kinds", options->kinds, "quotes and trades mixed, or 24 h tickers alone")
      ->check(CLI::IsMember({"mixed", "ticker"}))
      ->capture_default_str();
  return [options] { return run(*options); };
}

}  // namespace millrace
