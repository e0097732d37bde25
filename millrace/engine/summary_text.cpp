#include <algorithm>
#include <cmath>
#include <span>

#include <fmt/format.h>

#include "millrace/base/text.h"
#include "millrace/engine/json_text.h"
#include "millrace/engine/summary.h"

namespace millrace {

namespace {

std::string number(double value) { return std::isnan(value) ? "-" : fmt::format("{:.5g}", value); }

std::string seconds(Nanos length) {
  const double value = static_cast<double>(length) / 1e9;
  return value < 100.0 ? fmt::format("{:.2f} s", value) : fmt::format("{:.0f} s", value);
}

std::string table_of(const InstrumentSummary& one, const std::vector<std::string>& names) {
  std::string text =
      fmt::format("\n{}:{}  {} rows, {} to {}, longest gap {}, {} rejected\n", one.venue, one.symbol, one.rows,
                  format_time(one.first), format_time(one.last), seconds(one.longest_gap), one.rejected);
  text += fmt::format("  {:<22}{:>8}{:>12}{:>12}{:>12}{:>12}{:>12}{:>12}{:>12}{:>8}{:>8}{:>8}\n", "feature", "nulls",
                      "mean", "sd", "min", "25 %", "median", "75 %", "max", "r 1s", "r 10s", "r 60s");
  for (std::size_t f = 0; f < one.features.size(); ++f) {
    const FeatureSummary& feature = one.features[f];
    text += fmt::format("  {:<22}{:>8}{:>12}{:>12}{:>12}{:>12}{:>12}{:>12}{:>12}", names[f], feature.nulls,
                        number(feature.mean), number(feature.sd), number(feature.min), number(feature.lower),
                        number(feature.median), number(feature.upper), number(feature.max));
    for (const double r : std::span(feature.correlation).first<3>())  // a longer line would not fit
      text += std::isnan(r) ? fmt::format("{:>8}", "-") : fmt::format("{:>8.3f}", r);
    text += "\n";
  }
  return text;
}

std::string json_of(const FeatureSummary& feature, const std::string& name) {
  return fmt::format(
      R"({{"name":{},"values":{},"nulls":{},"mean":{},"sd":{},"min":{},"q25":{},"median":{},"q75":{},"max":{},"corr_1s":{},"corr_10s":{},"corr_60s":{},"corr_300s":{}}})",
      json_quoted(name), feature.values, feature.nulls, json_number(feature.mean), json_number(feature.sd),
      json_number(feature.min), json_number(feature.lower), json_number(feature.median), json_number(feature.upper),
      json_number(feature.max), json_number(feature.correlation[0]), json_number(feature.correlation[1]),
      json_number(feature.correlation[2]), json_number(feature.correlation[3]));
}

std::string quoted_list(const std::vector<std::string>& words) {
  return json_list(words, [](const std::string& word) { return json_quoted(word); });
}

/// ": the input has no trades (size, side)"; a missing kind of row stands for columns.
std::string reason_of(const EmptyFeature& one) {
  if (one.missing_columns.empty() && one.missing_kinds.empty()) return " (never warm)";
  const std::string parts = one.missing_columns.empty()
                                ? fmt::format("rows of kind {}", fmt::join(one.missing_kinds, " or "))
                                : fmt::format("{}", fmt::join(one.missing_columns, ", "));
  if (one.missing_capabilities.empty()) return ": the input has no " + parts;
  return fmt::format(": the input has no {} ({})", fmt::join(one.missing_capabilities, ", no "), parts);
}

}  // namespace

std::string Summary::to_text(std::size_t most_instruments) const {
  std::string text;
  std::vector<const InstrumentSummary*> shown;
  for (const InstrumentSummary& one : instruments) shown.push_back(&one);
  std::stable_sort(shown.begin(), shown.end(), [](const auto* a, const auto* b) { return a->rows > b->rows; });
  if (shown.size() > most_instruments) shown.resize(most_instruments);
  for (const InstrumentSummary* one : shown) text += table_of(*one, features);
  if (shown.size() < instruments.size()) {
    text += fmt::format("\n… and {} more instruments: --summary FILE.json has them all\n",
                        instruments.size() - shown.size());
  }
  text += fmt::format(
      "\nDistributions and correlations r with the next 1, 10 and 60 s log return of the mid: from {} of {} rows{}.\n",
      sampled, rows, stride == 1 ? "" : fmt::format(" (every {}th row of each instrument)", stride));
  for (const EmptyFeature& one : empty) text += fmt::format("{}: null on every row{}\n", one.name, reason_of(one));
  return text;
}

std::string Summary::to_json() const {
  std::string list;
  for (const InstrumentSummary& one : instruments) {
    std::string columns;
    for (std::size_t f = 0; f < one.features.size(); ++f) {
      columns += (f == 0 ? "" : ",") + json_of(one.features[f], features[f]);
    }
    list += fmt::format(
        R"({}{{"venue":{},"symbol":{},"rows":{},"first":{},"last":{},"longest_gap_s":{},"rejected":{},"sampled":{},"features":[{}]}})",
        list.empty() ? "" : ",", json_quoted(one.venue), json_quoted(one.symbol), one.rows,
        json_quoted(format_time(one.first)), json_quoted(format_time(one.last)),
        static_cast<double>(one.longest_gap) / 1e9, one.rejected, one.sampled, columns);
  }
  std::string missing;
  for (const EmptyFeature& one : empty) {
    missing += fmt::format(R"({}{{"name":{},"missing_capabilities":{},"missing_columns":{},"missing_kinds":{}}})",
                           missing.empty() ? "" : ",", json_quoted(one.name), quoted_list(one.missing_capabilities),
                           quoted_list(one.missing_columns), quoted_list(one.missing_kinds));
  }
  return fmt::format(R"({{"rows":{},"sampled":{},"stride":{},"empty":[{}],"instruments":[{}]}})", rows, sampled, stride,
                     missing, list);
}

}  // namespace millrace
