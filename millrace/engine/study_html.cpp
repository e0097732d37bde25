#include <cmath>

#include <fmt/format.h>

#include "millrace/base/text.h"
#include "millrace/chunk/ledger.h"
#include "millrace/engine/feature_study.h"
#include "millrace/engine/json_text.h"
#include "millrace/engine/report_html.h"

namespace millrace {

namespace {

/// For pictures and tables of five digits.
std::string drawn_number(double value) { return std::isfinite(value) ? fmt::format("{:.6g}", value) : "null"; }

template <typename Values>
std::string numbers(const Values& values) {
  return json_list(values, [](double value) { return drawn_number(value); });
}

std::string texts(const std::vector<std::string>& values) {
  return json_list(values, [](const std::string& value) { return json_quoted(value); });
}

template <typename Coefficients>
std::string coefficients_of(const Coefficients& all) {
  return json_list(all, [](const InformationCoefficient& one) {
    return fmt::format("[{},{},{},{},{},{}]", drawn_number(one.rank), drawn_number(one.rank_error),
                       drawn_number(one.linear), drawn_number(one.linear_error), one.rows, one.blocks);
  });
}

std::string json_of(const StudiedFeature& one) {
  const FeatureSummary& about = one.summary;
  JsonObject json;
  json.add("values", about.values).add("nulls", about.nulls);
  json.raw("moments", numbers(std::array{about.mean, about.sd}));
  json.raw("quantiles", numbers(std::array{about.min, about.lower, about.median, about.upper, about.max}));
  json.raw("from", drawn_number(one.from)).raw("to", drawn_number(one.to)).add("below", one.below);
  json.add("above", one.above);
  json.raw("counts", json_list(one.counts, [](std::uint64_t count) { return std::to_string(count); }));
  json.raw("low", numbers(one.low)).raw("mean", numbers(one.mean)).raw("high", numbers(one.high));
  json.raw("null_shares", numbers(one.nulls)).raw("autocorrelation", numbers(one.autocorrelation));
  json.raw("coefficients", coefficients_of(one.coefficients)).raw("by_hour", numbers(one.by_hour));
  json.raw("by_regime", numbers(one.by_regime));
  return json.done();
}

std::string json_of(const StudiedInstrument& one) {
  JsonObject json;
  json.text("label", one.venue + ":" + one.symbol).add("rows", one.rows).add("sampled", one.sampled);
  json.time("first", one.first).time("last", one.last).raw("lags", numbers(one.lag_s));
  json.raw("volatility_bounds", numbers(one.volatility_bounds));
  json.raw("features", json_list(one.features, [](const StudiedFeature& feature) { return json_of(feature); }));
  return json.done();
}

/// Without features: what was read of each instrument.
std::string coverage_of(const Summary& summary) {
  return json_list(summary.instruments, [](const InstrumentSummary& one) {
    JsonObject json;
    json.text("label", one.venue + ":" + one.symbol).add("rows", one.rows).add("rejected", one.rejected);
    json.add("sampled", one.sampled).time("first", one.first).time("last", one.last);
    json.add("longest_gap_s", static_cast<double>(one.longest_gap) / 1e9);
    return json.done();
  });
}

}  // namespace

std::string study_html(const FeatureStudy& study, const Summary& summary, const Ledger& ledger,
                       std::string_view title) {
  JsonObject json;
  json.text("title", title).raw("names", texts(study.names)).raw("expressions", texts(study.expressions));
  json.raw("horizons", json_list(summary_horizons, [](Nanos length) { return json_quoted(format_duration(length)); }));
  json.text("group_horizon", format_duration(summary_horizons[group_horizon]));
  json.add("rows", study.rows).add("sampled", study.sampled).add("stride", study.stride);
  json.add("instruments_total", study.instruments_total);
  json.raw("instruments", json_list(study.instruments, [](const StudiedInstrument& one) { return json_of(one); }));
  json.raw("overall", json_list(study.overall, [](const auto& one) { return coefficients_of(one); }));
  json.raw("null_shares", numbers(study.null_shares));
  json.raw("order", json_list(study.order, [](std::uint32_t place) { return std::to_string(place); }));
  json.raw("correlation", json_list(study.correlation, [](double r) {
             return std::isnan(r) ? std::string("null") : fmt::format("{:.3g}", r);
           }));
  json.raw("empty", json_list(summary.empty, [](const EmptyFeature& one) { return json_quoted(one.name); }));
  json.raw("coverage", coverage_of(summary)).raw("ledger", ledger.to_json());
  return report_page(fmt::format("{} – millrace", title), json.done(), {"widgets", "features"});
}

}  // namespace millrace
