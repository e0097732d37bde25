#include <algorithm>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "millrace/base/text.h"
#include "millrace/cli/verbs.h"
#include "millrace/engine/config.h"
#include "millrace/graph/cross_plan.h"
#include "millrace/graph/program.h"

namespace millrace {

namespace {

struct Options {
  std::string profile = "default-100";
  std::string file;
  bool is_json = false;
};

Exit run(const Options& options) {
  FeatureSet set = load_profile(options.profile);
  if (!options.file.empty()) set = combine(std::move(set), read_feature_file(options.file));
  const CrossPlan parts = make_cross_plan(set);
  const Plan* plan = parts.all.get();
  std::size_t state_bytes = 0, nodes = 0;  // of an instrument, and of what looks at several
  for (const auto& part : {parts.own, parts.row, parts.fixed}) {
    if (part == nullptr) continue;
    state_bytes += make_program(part).state_bytes;
    nodes += part->nodes.size();
  }
  if (options.is_json) {
    std::string list;
    for (const PlannedFeature& feature : plan->features) {
      list += fmt::format(R"({}{{"name":{},"expression":{},"unit":{},"warmup":{},"flag":{}}})",
                          list.empty() ? "" : ",\n ", json_quoted(feature.name), json_quoted(feature.expression),
                          json_quoted(feature.unit), json_quoted(feature.warmup), feature.type == ValueType::flag);
    }
    fmt::print("{{\"profile\":{},\"fingerprint\":\"{:016x}\",\"state_bytes\":{},\"features\":[{}]}}\n",
               json_quoted(plan->profile), plan->fingerprint, state_bytes, list);
    return Exit::done;
  }
  std::size_t longest = 0, longest_name = 0;
  for (const PlannedFeature& feature : plan->features) {
    longest = std::max(longest, feature.expression.size());
    longest_name = std::max(longest_name, feature.name.size());
  }
  for (const PlannedFeature& feature : plan->features) {
    fmt::print("{:<{}}  {:<{}}  {:<16}  {}\n", feature.name, longest_name, feature.expression, longest, feature.unit,
               feature.warmup);
  }
  fmt::print("\n{}: {} features, {} nodes, {} bytes of state an instrument\n", plan->profile, plan->features.size(),
             nodes, state_bytes);
  for (const PlannedFeature& feature : plan->features) {
    if (!feature.why_null.empty()) fmt::print("{}: null, {}\n", feature.name, feature.why_null);
  }
  return Exit::done;
}

}  // namespace

Verb add_features(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("features", "Shows a feature set: expressions, units, warm-up");
  verb->footer(
      fmt::format("\nProfiles: {}\n\nExample:\n  millrace features compat-27", fmt::join(profile_names(), ", ")));
  verb->add_option("profile", options->profile, "embedded profile")->capture_default_str();
  verb->add_option("--features", options->file, "feature file (TOML) that extends or replaces it");
  verb->add_flag("--json", options->is_json, "machine-readable");
  return [options] { return run(*options); };
}

}  // namespace millrace
