#include "millrace/engine/research.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/cli/run_options.h"
#include "millrace/cli/verbs.h"
#include "millrace/engine/config.h"
#include "millrace/engine/interrupt.h"
#include "millrace/engine/leg_text.h"
#include "millrace/engine/row_filter.h"
#include "millrace/engine/strategy_file.h"
#include "millrace/io/inputs.h"
#include "millrace/io/partial_file.h"
#include "millrace/io/whole_file.h"

namespace millrace {

namespace {

struct Options {
  std::vector<std::string> inputs;
  std::string profile = "default-100", features, from, to, order = "instrument", compression = "lz4", summary, report;
  std::string instruments, where, strategy;
  std::string max_bad = "0.1%";
  std::vector<std::string> symbols, legs, set;
  ResearchOptions run;
  std::size_t tables = 20;
  bool is_quiet = false;
};

Nanos time_of(const std::string& text, std::string_view option) {
  if (text.empty()) return no_time;
  const auto time = parse_time(text);
  if (!time)
    fail(Fault::usage, "{}: expected a time such as 2026-11-22 or 2026-11-22T10:00:00Z, was `{}`", option, text);
  return *time;
}

/// "0.1%" or "0.001".
double share_of(std::string_view text, std::string_view option) {
  const bool is_percent = !text.empty() && text.back() == '%';
  const auto value = parse_number(is_percent ? text.substr(0, text.size() - 1) : text);
  if (!value || !(*value >= 0.0))
    fail(Fault::usage, "{}: expected a share such as 0.1% or 0.001, was `{}`", option, text);
  return is_percent ? *value / 100.0 : *value;
}

/// What is written must not be what is read or written elsewhere, and a run must not end for want of a folder.
void check_outputs(const Options& options) {
  namespace fs = std::filesystem;
  std::vector<std::pair<std::string, std::string>> taken;  // place, and what it is
  for (const std::string& file : find_files(options.inputs)) taken.emplace_back(fs::weakly_canonical(file), "an input");
  for (const auto& [option, path] : {std::pair<std::string, std::string>{"--out", options.run.output},
                                     {"--save-state", options.run.save_state},
                                     {"--summary", options.summary},
                                     {"--report", options.report}}) {
    if (path.empty() && option != "--out") continue;
    PartialFile::check_name(path);
    const std::string place = fs::weakly_canonical(path);
    const auto other = std::find_if(taken.begin(), taken.end(), [&](const auto& one) { return one.first == place; });
    if (other != taken.end()) fail(Fault::usage, "{}: expected another file, {} is {}", option, path, other->second);
    taken.emplace_back(place, option);
  }
}

void print_ledger(const Ledger& ledger) {
  fmt::print("\n{} rows read\n", ledger.rows_read());
  for (std::size_t i = 0; i < reason_count; ++i) {
    const auto reason = static_cast<Reason>(i);
    const Ledger::Entry& entry = ledger[reason];
    if (entry.count == 0) continue;
    const ReasonInfo& about = info(reason);
    fmt::print("  {:<16}{:>10}  {} ({}); first {}, last {}{}\n", about.name, entry.count, about.meaning,
               name_of(about.consequence), ledger.text_of(entry.first), ledger.text_of(entry.last),
               entry.sample.empty() ? "" : fmt::format("; first was `{}`", entry.sample));
  }
}

std::string json_of(const ResearchResult& result) {
  return fmt::format("{{\"seconds\":{:.3f},\"peak_memory_bytes\":{},\"left_out\":{},\"ledger\":{},\"summary\":{}}}\n",
                     result.seconds, peak_resident_bytes(), result.left_out, result.ledger.to_json(),
                     result.summary.to_json());
}

/// Features that cannot be computed, by their reason.
void print_nulls(const Plan& plan) {
  std::vector<std::pair<std::string, std::string>> reasons;
  for (const PlannedFeature& feature : plan.features) {
    if (feature.why_null.empty()) continue;
    const auto at = std::find_if(reasons.begin(), reasons.end(),
                                 [&](const auto& reason) { return reason.first == feature.why_null; });
    if (at == reasons.end()) {
      reasons.emplace_back(feature.why_null, feature.name);
    } else {
      at->second += ", " + feature.name;
    }
  }
  for (const auto& [why, names] : reasons) fmt::print(stderr, "millrace: {}: null in {}\n", why, names);
}

Exit run(Options& options) {
  watch_signals();
  const double max_bad = share_of(options.max_bad, "--max-bad");
  options.run.from = time_of(options.from, "--from");
  options.run.to = time_of(options.to, "--to");
  if (options.run.from != no_time && options.run.to != no_time && options.run.from >= options.run.to) {
    fail(Fault::usage, "--from: expected a time before --to {}, was {}", options.to, options.from);
  }
  options.run.symbols = options.symbols;
  options.run.order = options.order == "time" ? RowOrder::time : RowOrder::instrument;
  options.run.codec = options.compression == "zstd"     ? Codec::zstd
                      : options.compression == "snappy" ? Codec::snappy
                                                        : Codec::lz4;
  options.run.has_study = !options.report.empty();
  options.run.has_summary = !options.is_quiet || !options.summary.empty() || options.run.has_study;
  if (!options.instruments.empty()) options.run.instruments = read_instrument_table(options.instruments);
  FeatureSet set = options.strategy.empty()
                       ? load_profile(options.profile)
                       : features_of(load_strategy(options.strategy, pairs_of(options.set, "--set")), {});
  if (!options.features.empty()) set = combine(std::move(set), read_feature_file(options.features));
  for (const std::string& leg : options.legs) set_leg(set, leg);
  options.run.has_where = !options.where.empty();
  if (options.run.has_where) RowFilter::add_to(set, options.where);
  CrossPlan plan = make_cross_plan(set);
  if (options.run.has_where && !plan.all->features.back().is_truth) {
    fail(Fault::usage, "--where: expected a condition such as day_of_week(ts_event) < 5, was `{}`", options.where);
  }
  const std::string title = "Features of " + plan.all->profile;
  const std::size_t features = plan.all->features.size() - (options.run.has_where ? 1 : 0);
  if (!options.is_quiet) print_nulls(*plan.all);
  check_outputs(options);
  const auto open = [&](Instruments& instruments, Ledger& ledger) {
    return open_inputs(options.inputs, {}, instruments, ledger);
  };
  const ResearchResult result = run_research(options.run, std::move(plan), open);
  if (!options.summary.empty()) write_whole_file(options.summary, std::string_view(json_of(result)));
  if (!options.report.empty()) {
    write_whole_file(options.report, study_html(result.study, result.summary, result.ledger, title));
  }
  if (!options.is_quiet) {
    fmt::print("{}", result.summary.to_text(options.tables));
    print_ledger(result.ledger);
    if (options.run.has_where) fmt::print("  left out by --where {}\n", result.left_out);
    fmt::print("\n{}: {} rows, {} features, {:.2f} s, {:.2f} M rows/s, {} MB at most\n", options.run.output,
               result.rows, features, result.seconds, static_cast<double>(result.rows) / result.seconds / 1e6,
               peak_resident_bytes() / 1'000'000);
  }
  if (result.ledger.bad_share() <= max_bad) return Exit::done;
  const std::string complaint =
      fmt::format("millrace: {:.3f} % of the rows were rejected or repaired, more than --max-bad {}; see the ledger\n",
                  100.0 * result.ledger.bad_share(), options.max_bad);
  std::fputs(complaint.c_str(), stderr);  // does not throw where stderr is closed
  return Exit::too_much_bad;
}

}  // namespace

Verb add_research(CLI::App& app) {
  auto options = std::make_shared<Options>();
  options->run.threads = std::max(1U, std::thread::hardware_concurrency());
  CLI::App* verb =
      app.add_subcommand("research", "Turns recorded ticks into features, with a summary of what they predict");
  verb->footer(
      "\nExamples:\n  millrace research --in ticks.parquet --out features.parquet\n"
      "  millrace research --in data/ --features mine.toml --symbols BTC-USD --from 2026-11-01 --out btc.parquet");
  verb->add_option("--in,--parquet", options->inputs, "files, folders, datasets (venue=…/date=…) or globs")->required();
  verb->add_option("--out,--output", options->run.output, "Parquet file to write")->required();
  verb->add_option("--profile", options->profile, fmt::format("feature set: {}", fmt::join(profile_names(), ", ")))
      ->capture_default_str();
  verb->add_option("--features", options->features, "feature file (TOML) that extends or replaces the profile");
  verb->add_option("--strategy", options->strategy, "features that this strategy needs, for `backtest --features`")
      ->excludes("--profile");
  verb->add_option("--set", options->set, "a parameter of the strategy: entry_z=2.5")->needs("--strategy");
  verb->add_option("--instruments", options->instruments, "CSV with venue, symbol, tick_size, for tick=instrument");
  verb->add_option("--where", options->where,
                   "writes only rows on which it is true: \"closes(tick_bars(price, ticks=100))\"");
  verb->add_option("--leg", options->legs, "instrument of a leg of the feature set: btc=coinbase:BTC-USD");
  verb->add_option("--symbols", options->symbols, "only these: BTC-USD or coinbase:BTC-USD, separated by commas")
      ->delimiter(',');
  verb->add_option("--from", options->from, "first time, UTC (2026-11-22 or RFC 3339)");
  verb->add_option("--to", options->to, "first time no longer wanted");
  verb->add_option("--threads", options->run.threads, "threads for features and for encoding")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  verb->add_option("--order", options->order, "rows clustered by instrument in each row group, or as they arrived")
      ->check(CLI::IsMember({"instrument", "time"}))
      ->capture_default_str();
  verb->add_option("--projection", options->run.projection,
                   "live-22: only the predecessor's live row (timestamp in ms, symbol, price, 19 features)");
  verb->add_flag("--float32", options->run.is_float32, "features as 32-bit floats");
  verb->add_option("--compression", options->compression, "of the output")
      ->check(CLI::IsMember({"lz4", "zstd", "snappy"}))
      ->capture_default_str();
  verb->add_option("--save-state", options->run.save_state, "writes what the run knows at its end");
  verb->add_option("--load-state", options->run.load_state, "goes on where another run ended");
  verb->add_option("--summary", options->summary, "writes the summary as JSON");
  verb->add_option("--report", options->report, "writes a page about each feature: HTML, complete in itself");
  verb->add_option("--max-bad", options->max_bad, "share of bad rows above which the exit code is 3")
      ->capture_default_str();
  verb->add_option("--tables", options->tables, "instruments whose table is printed, the most active first")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  verb->add_flag("--quiet", options->is_quiet, "prints no tables");
  return [options] { return run(*options); };
}

}  // namespace millrace
