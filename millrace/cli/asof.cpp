#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/base/time.h"
#include "millrace/cli/verbs.h"
#include "millrace/engine/build_info.h"
#include "millrace/engine/interrupt.h"
#include "millrace/engine/progress.h"
#include "millrace/io/asof_files.h"
#include "millrace/io/partial_file.h"

namespace millrace {

namespace {

struct Options {
  AsofFileOptions join;
  std::string tolerance = "1s", direction = "backward", unit = "ns", compression = "lz4";
  std::uint64_t memory_mb = 1000;
  bool is_quiet = false;
};

std::uint64_t tolerance_of(const std::string& text) {
  if (text == "none") return no_tolerance;
  if (text == "0") return 0;
  const auto length = parse_duration(text);
  if (!length) fail(Fault::usage, "--tolerance: expected a length of time such as 500ms, 0 or none, was `{}`", text);
  return static_cast<std::uint64_t>(*length);
}

void check_output(const AsofFileOptions& join) {
  namespace fs = std::filesystem;
  PartialFile::check_name(join.output);
  for (const std::string& input : {join.left, join.right}) {
    if (fs::weakly_canonical(input) == fs::weakly_canonical(join.output)) {
      fail(Fault::usage, "--out: expected another file, {} is an input", join.output);
    }
  }
}

std::string provenance_of(const Options& options) {
  const AsofColumns& columns = options.join.columns;
  return fmt::format(
      R"({{"build":{},"left":{},"right":{},"on":{},"by":{},"direction":"{}","strict":{},"tolerance":{}}})",
      json_quoted(build_id()), json_quoted(options.join.left), json_quoted(options.join.right), json_quoted(columns.on),
      json_quoted(fmt::format("{}", fmt::join(columns.by, ","))), options.direction, options.join.rule.is_strict,
      json_quoted(options.tolerance));
}

Exit run(Options& options) {
  watch_signals();
  AsofFileOptions& join = options.join;
  join.rule.tolerance_ns = tolerance_of(options.tolerance);
  join.rule.direction = *parse_direction(options.direction);
  join.columns.unit_ns = options.unit == "s"    ? one_second
                         : options.unit == "ms" ? 1'000'000
                         : options.unit == "us" ? 1'000
                                                : 1;
  join.codec = options.compression == "zstd"     ? Codec::zstd
               : options.compression == "snappy" ? Codec::snappy
                                                 : Codec::lz4;
  join.sort_memory_bytes = options.memory_mb * 1'000'000;
  join.metadata = {{"millrace.asof", provenance_of(options)}};
  check_output(join);
  Counters counters;
  const Progress progress(counters);
  join.between = [&](std::uint64_t rows, std::uint64_t of) {
    stop_if_asked();
    counters.rows_read = counters.rows_written = rows;
    if (of > 0) counters.share = static_cast<double>(rows) / static_cast<double>(of);
  };
  const auto start = std::chrono::steady_clock::now();
  const AsofFileResult result = asof_join_files(join);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (options.is_quiet) return Exit::done;
  for (const auto& [was_unsorted, path] :
       {std::pair{result.left_was_unsorted, join.left}, {result.right_was_unsorted, join.right}}) {
    if (was_unsorted) fmt::print("{} was not in the order of time and was sorted\n", path);
  }
  fmt::print("{}: {} rows, {} matched, {} unmatched, {} right rows, {:.2f} s, {:.2f} M rows/s, {} MB at most\n",
             join.output, result.rows, result.matched, result.rows - result.matched, result.right_rows, seconds,
             static_cast<double>(result.rows) / seconds / 1e6, peak_resident_bytes() / 1'000'000);
  return Exit::done;
}

}  // namespace

Verb add_asof(CLI::App& app) {
  auto options = std::make_shared<Options>();
  AsofFileOptions& join = options->join;
  CLI::App* verb =
      app.add_subcommand("asof", "Joins two tables by time: to each left row the right row that was valid");
  verb->footer(
      "\nExample:\n  millrace asof trades.parquet quotes.parquet --by symbol --tolerance 500ms --out joined.parquet\n"
      "\nThe output has the left columns, the right ones with the prefix, the right time as prefix + `ts` and the age "
      "of\n"
      "the match in nanoseconds. Backward uses nothing of the future; forward and nearest do.");
  verb->add_option("LEFT", join.left, "Parquet or CSV file; each of its rows is written once")->required();
  verb->add_option("RIGHT", join.right, "Parquet or CSV file to look in")->required();
  verb->add_option("--out,--output", join.output, "Parquet file to write")->required();
  verb->add_option("--on", join.columns.on, "column of times")->capture_default_str();
  verb->add_option("--right-on", join.columns.right_on, "column of times of the right side, where it has another name");
  verb->add_option("--by", join.columns.by, "columns that have to be equal, separated by commas")->delimiter(',');
  verb->add_option("--direction", options->direction, "where to look from the left time")
      ->check(CLI::IsMember({"backward", "forward", "nearest"}))
      ->capture_default_str();
  verb->add_flag("--strict", join.rule.is_strict, "rows of equal time do not match");
  verb->add_option("--tolerance", options->tolerance, "greatest distance of a match, inclusive: 500ms, 0, none")
      ->capture_default_str();
  verb->add_option("--seq", join.columns.seq, "right column that orders rows of equal time (default: seq, if any)");
  verb->add_option("--prefix", join.columns.prefix, "of right columns in the output")->capture_default_str();
  verb->add_option("--age", join.columns.age, "name of the column of ages")->capture_default_str();
  verb->add_option("--unit", options->unit, "of times that are integers")
      ->check(CLI::IsMember({"s", "ms", "us", "ns"}))
      ->capture_default_str();
  verb->add_flag("--sorted", join.is_sorted, "both files are in the order of time; one that is not ends the run");
  verb->add_option("--memory", options->memory_mb, "MB for sorting; what exceeds them goes to disk beside the output")
      ->check(CLI::Range(1, 6000))
      ->capture_default_str();
  verb->add_option("--compression", options->compression, "of the output")
      ->check(CLI::IsMember({"lz4", "zstd", "snappy"}))
      ->capture_default_str();
  verb->add_flag("--quiet", options->is_quiet, "prints nothing");
  return [options] { return run(*options); };
}

}  // namespace millrace
