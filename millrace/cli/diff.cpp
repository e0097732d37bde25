#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <simdjson.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/cli/verbs.h"
#include "millrace/engine/run_settings.h"
#include "millrace/io/table_compare.h"
#include "millrace/io/whole_file.h"

namespace millrace {

namespace {

struct Options {
  std::string a, b;
};

/// What report.json says of a run, as far as two runs are compared by it.
struct Told {
  std::string settings;                                    // run.toml
  std::vector<std::string> files;                          // of the input
  std::vector<std::pair<std::string, std::string>> money;  // "net", "12.5"
};

Told read_run(const std::string& folder) {
  const std::string settings = folder + "/run.toml", report = folder + "/report.json";
  std::error_code code;
  if (!std::filesystem::exists(settings, code) || !std::filesystem::exists(report, code)) {
    fail(Fault::input, "{}: expected the folder of a finished backtest, with run.toml and report.json", folder);
  }
  Told told{.settings = to_toml(read_run_file(settings))};
  const Bytes bytes = read_whole_file(report);
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(reinterpret_cast<const char*>(bytes.data()), bytes.size()).get(root) != simdjson::SUCCESS) {
    fail(Fault::input, "{}: expected JSON", report);
  }
  simdjson::dom::array files;
  if (root["files"].get(files) == simdjson::SUCCESS) {
    for (const simdjson::dom::element file : files) told.files.push_back(simdjson::minify(file));
  }
  for (const char* name : {"net", "gross", "fees", "funding", "final_equity"}) {
    double value = no_value;
    if (root["money"][name].get(value) != simdjson::SUCCESS) {
      fail(Fault::input, "{}: expected a number `money.{}`", report, name);
    }
    told.money.emplace_back(name, format_number(value));
  }
  return told;
}

/// A line of which what differs from the other run's line of the same key can be seen.
std::string shown(std::string_view line, const std::vector<std::string_view>& others) {
  constexpr std::size_t longest = 160, before = 40;
  if (line.size() <= longest) return std::string(line);
  const std::string_view key = line.substr(0, line.find(" = ") + 3);
  std::size_t first = 0;
  for (const std::string_view other : others) {
    if (!other.starts_with(key)) continue;
    first = static_cast<std::size_t>(std::mismatch(line.begin(), line.end(), other.begin(), other.end()).first -
                                     line.begin());
  }
  if (first <= longest - before) return fmt::format("{}…", line.substr(0, longest));
  return fmt::format("{}…{}…", key, line.substr(first - before, longest));
}

/// Prints lines of one that the other does not have. Returns how many.
std::size_t print_lines(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
  std::size_t count = 0;
  for (const auto& [lines, others, mark] : {std::tuple{&a, &b, 'a'}, std::tuple{&b, &a, 'b'}}) {
    for (const std::string_view line : *lines) {
      if (std::find(others->begin(), others->end(), line) != others->end()) continue;
      fmt::print("  {}: {}\n", mark, shown(line, *others));
      ++count;
    }
  }
  if (count == 0) fmt::print("  the same\n");
  return count;
}

/// Where the runs part, over all tables.
struct First {
  std::string time, table;
  std::uint64_t row = 0;
};

bool print_table(const Options& options, std::string_view name, First& first) {
  const std::string file = fmt::format("/{}.parquet", name);
  const TableDifference one = compare_tables(options.a + file, options.b + file);
  if (one.is_same()) {
    fmt::print("{}: the same, {} rows\n", name, one.rows_a);
    return true;
  }
  const bool is_only_a = one.first_row >= one.rows_b, is_only_b = one.first_row >= one.rows_a;
  const std::string& time = is_only_b || (!is_only_a && one.time_b < one.time_a) ? one.time_b : one.time_a;
  fmt::print("{}: {} and {} rows, {} of those that both have differ; they part at row {}, {}{}\n", name, one.rows_a,
             one.rows_b, one.differing, one.first_row, time,
             is_only_a   ? ", only in a"
             : is_only_b ? ", only in b"
                         : "");
  for (const std::string& detail : one.details) fmt::print("    {}\n", detail);
  if (first.table.empty() || time < first.time) first = {time, std::string(name), one.first_row};
  return false;
}

bool print_money(const Told& a, const Told& b) {
  for (std::size_t i = 0; i < a.money.size(); ++i) {
    const bool is_same = a.money[i].second == b.money[i].second;
    fmt::print("  {:<13}{}{}\n", a.money[i].first, a.money[i].second, is_same ? "" : " and " + b.money[i].second);
  }
  return a.money == b.money;
}

Exit run(const Options& options) {
  const Told a = read_run(options.a), b = read_run(options.b);
  fmt::print("a: {}\nb: {}\n\nconfiguration:\n", options.a, options.b);
  bool is_same = print_lines(split(a.settings, '\n'), split(b.settings, '\n')) == 0;
  fmt::print("data:\n");
  is_same = print_lines({a.files.begin(), a.files.end()}, {b.files.begin(), b.files.end()}) == 0 && is_same;
  fmt::print("P&L:\n");
  is_same = print_money(a, b) && is_same;
  First first;
  for (const std::string_view name : {"signals", "orders", "fills", "trades", "equity"})
    is_same = print_table(options, name, first) && is_same;
  if (!first.table.empty()) {
    fmt::print("they part first at {}: row {} of {}\n", first.time, first.row, first.table);
  }
  fmt::print("{}\n", is_same ? "the runs are the same" : "the runs differ");
  return is_same ? Exit::done : Exit::failed;
}

}  // namespace

Verb add_diff(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("diff", "Tells where two backtests part: settings, data, P&L, signals, orders, fills, equity");
  verb->footer("\nExample:\n  millrace diff run_a run_b\n\nExits with 1 where they differ.");
  verb->add_option("a", options->a, "folder of a run")->required();
  verb->add_option("b", options->b, "folder of another")->required();
  return [options] { return run(*options); };
}

}  // namespace millrace
