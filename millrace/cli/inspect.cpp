#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "millrace/base/text.h"
#include "millrace/cli/verbs.h"
#include "millrace/io/inputs.h"

namespace millrace {

namespace {

struct Options {
  std::string file;
  bool is_json = false;
};

constexpr std::string_view arrow_own = "ARROW:schema";  // what Arrow keeps for itself; no provenance

double seconds_of(Nanos length) { return static_cast<double>(length) / 1e9; }

std::string json_of(const FileDescription& file, const std::string& path) {
  std::string instruments, metadata, renamed;
  for (const auto& one : file.instruments) {
    instruments += fmt::format(
        R"({}{{"venue":{},"symbol":{},"rows":{},"first":{},"last":{},"longest_gap_s":{},"longest_gap_from":{},"gap_rows":{}}})",
        instruments.empty() ? "" : ",", json_quoted(one.venue), json_quoted(one.symbol), one.rows,
        json_quoted(format_time(one.first)), json_quoted(format_time(one.last)), seconds_of(one.longest_gap),
        json_quoted(format_time(one.longest_gap_from)), one.gap_rows);
  }
  for (const auto& [key, value] : file.metadata) {
    if (key == arrow_own) continue;
    metadata += fmt::format("{}{}:{}", metadata.empty() ? "" : ",", json_quoted(key), json_quoted(value));
  }
  for (const std::string& one : file.renamed) renamed += (renamed.empty() ? "" : ",") + json_quoted(one);
  return fmt::format(
      R"({{"path":{},"container":{},"layout":{},"rows":{},"row_groups":{},"schema":{},"instruments":[{}],"metadata":{{{}}},)"
      R"("renamed":[{}],"ledger":{}}})",
      json_quoted(path), json_quoted(file.container), json_quoted(file.layout), file.rows, file.row_groups,
      json_quoted(file.schema), instruments, metadata, renamed, file.ledger.to_json());
}

void print(const FileDescription& file, const std::string& path) {
  fmt::print("{}: {}, layout {}, {} rows", path, file.container, file.layout, file.rows);
  if (file.row_groups > 0) fmt::print(" in {} row groups", file.row_groups);
  fmt::print("\n\nColumns\n");
  for (const std::string_view line : split(trimmed(file.schema), '\n')) fmt::print("  {}\n", line);
  fmt::print("\nInstruments\n");
  for (const auto& one : file.instruments) {
    fmt::print("  {:<28}{:>12} rows  {} to {}  longest gap {:.3f} s{}\n", one.venue + ":" + one.symbol, one.rows,
               format_time(one.first), format_time(one.last), seconds_of(one.longest_gap),
               one.gap_rows == 0 ? "" : fmt::format(", {} reported losses", one.gap_rows));
  }
  for (const std::string& one : file.renamed) fmt::print("  renamed {}\n", one);
  if (!file.metadata.empty()) fmt::print("\nProvenance\n");
  constexpr std::size_t longest = 300;
  for (const auto& [key, value] : file.metadata) {
    if (key == arrow_own) continue;
    fmt::print("  {:<24}{}{}\n", key, value.substr(0, longest), value.size() > longest ? " …" : "");
  }
  if (file.ledger.total(Consequence::rejected) > 0) {
    fmt::print("\n{} rows cannot be used: {}\n", file.ledger.total(Consequence::rejected), file.ledger.to_json());
  }
}

}  // namespace

Verb add_inspect(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("inspect", "Tells what a file is: layout, columns, rows, instruments, provenance");
  verb->footer("\nExample:\n  millrace inspect features.parquet");
  verb->add_option("file", options->file, "Parquet, CSV or CSV.gz")->required();
  verb->add_flag("--json", options->is_json, "machine-readable");
  return [options] {
    const FileDescription file = describe_file(options->file);
    if (options->is_json) {
      fmt::print("{}\n", json_of(file, options->file));
    } else {
      print(file, options->file);
    }
    return Exit::done;
  };
}

}  // namespace millrace
