#include "millrace/engine/projection.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"

namespace millrace {

namespace {

constexpr std::array<std::string_view, 1> projections{"live-22"};
constexpr std::array<std::string_view, 19> live_22{
    "log_return", "ewma",         "zscore",          "midprice", "microprice",  "l1_imbalance",
    "ofi",        "realized_var", "riskmetrics_vol", "macd",     "macd_signal", "macd_hist",
    "rsi",        "bb_mid",       "bb_upper",        "bb_lower", "cusum_stat",  "cusum_alarm",
    "var"};

}  // namespace

std::vector<std::string> features_of_projection(std::string_view name, const Plan& plan) {
  if (name.empty()) return {};
  if (name != projections[0]) {
    fail(Fault::usage, "--projection: expected {}, was `{}`{}", projections[0], name, did_you_mean(name, projections));
  }
  std::vector<std::string_view> missing;
  for (const std::string_view feature : live_22) {
    const auto is_it = [&](const PlannedFeature& one) { return one.name == feature; };
    if (std::none_of(plan.features.begin(), plan.features.end(), is_it)) missing.push_back(feature);
  }
  if (!missing.empty()) {
    fail(Fault::usage, "--projection {}: expected a feature set with its columns, {} lacks {}", name, plan.profile,
         fmt::join(missing, ", "));
  }
  return {live_22.begin(), live_22.end()};
}

}  // namespace millrace
