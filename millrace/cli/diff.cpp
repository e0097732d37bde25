#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "millrace/base/text.h"
#include "millrace/cli/verbs.h"
#include "millrace/engine/run_settings.h"
#include "millrace/io/table_compare.h"

namespace millrace {

namespace {

struct Options {
  std::string a, b;
};

/// Lines of two run.toml that are not the same. Returns how many.
std::size_t print_settings(const Options& options) {
  const std::string texts[2] = {to_toml(read_run_file(options.a + "/run.toml")),
                                to_toml(read_run_file(options.b + "/run.toml"))};
  const auto left = split(texts[0], '\n'), right = split(texts[1], '\n');
  const auto missing = [](std::string_view line, const std::vector<std::string_view>& in) {
    return std::find(in.begin(), in.end(), line) == in.end();
  };
  std::size_t count = 0;
  for (const auto& [lines, others, mark] : {std::tuple{&left, &right, 'a'}, std::tuple{&right, &left, 'b'}}) {
    for (const std::string_view line : *lines) {
      if (!missing(line, *others)) continue;
      fmt::print("  {}: {}\n", mark, line.substr(0, 200));
      ++count;
    }
  }
  return count;
}

bool print_table(const Options& options, std::string_view name) {
  const std::string file = fmt::format("/{}.parquet", name);
  const TableDifference one = compare_tables(options.a + file, options.b + file);
  if (one.is_same()) {
    fmt::print("{}: the same, {} rows\n", name, one.rows_a);
    return true;
  }
  fmt::print("{}: {} and {} rows, {} of those that both have differ; they part at row {} ({}{})\n", name, one.rows_a,
             one.rows_b, one.differing, one.first_row, one.time_a.empty() ? "the end" : one.time_a,
             one.time_a == one.time_b ? "" : fmt::format(" and {}", one.time_b.empty() ? "the end" : one.time_b));
  for (const std::string& detail : one.details) fmt::print("    {}\n", detail);
  return false;
}

Exit run(const Options& options) {
  fmt::print("a: {}\nb: {}\n\nconfiguration and data:\n", options.a, options.b);
  bool is_same = print_settings(options) == 0;
  if (is_same) fmt::print("  the same\n");
  for (const std::string_view name : {"signals", "orders", "fills", "trades", "equity"})
    is_same = print_table(options, name) && is_same;
  fmt::print("equity at the end: {} and {}\n", last_value(options.a + "/equity.parquet", "equity"),
             last_value(options.b + "/equity.parquet", "equity"));
  fmt::print("{}\n", is_same ? "the runs are the same" : "the runs differ");
  return is_same ? Exit::done : Exit::failed;
}

}  // namespace

Verb add_diff(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("diff", "Tells where two backtests part: settings, signals, orders, fills, equity");
  verb->footer("\nExample:\n  millrace diff run_a run_b\n\nExits with 1 where they differ.");
  verb->add_option("a", options->a, "folder of a run")->required();
  verb->add_option("b", options->b, "folder of another")->required();
  return [options] { return run(*options); };
}

}  // namespace millrace
