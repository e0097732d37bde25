#include "millrace/graph/cross_plan.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "millrace/base/checksum.h"
#include "millrace/base/error.h"
#include "millrace/graph/legs.h"
#include "millrace/graph/resolver.h"
#include "millrace/kernels/registry.h"

namespace millrace {

namespace {

using Part = CrossPlan::Place::Part;

class Cutter {
 public:
  explicit Cutter(const FeatureSet& set) : set_(set), finder_(set), complaints_(set) {}

  CrossPlan cut() {
    plan_.legs = set_.legs;
    for (const Definition& feature : set_.features) place(feature);
    complaints_.check();
    plan_.own = resolve(own_, {std::string(row_leg)});
    plan_.row = resolve(row_, legs_of(row_, true));
    plan_.fixed = resolve(fixed_, legs_of(fixed_, false));
    describe();
    return std::move(plan_);
  }

 private:
  void place(const Definition& feature) {
    auto parsed = parse_expression(feature.expression);
    if (const auto* expression = std::get_if<Expression>(&parsed)) {
      if (place_universe(feature, *expression)) {
        universes_.insert(feature.name);
        return;
      }
    }
    const LegUse& use = finder_.use_of(feature.name);
    for (const std::string& leg : use.all) {
      const auto at = std::find_if(set_.legs.begin(), set_.legs.end(), [&](const Leg& one) { return one.name == leg; });
      if (at == set_.legs.end() || !at->instrument.empty()) continue;
      plan_.places.push_back({});
      shown_.push_back(about(feature, ""));
      shown_.back().why_null = fmt::format("leg `{}` is not configured", leg);
      return;
    }
    const Part part = use.is_own() ? Part::own : use.uses(row_leg) ? Part::row : Part::fixed;
    std::vector<Definition>& list = part == Part::own ? own_ : part == Part::row ? row_ : fixed_;
    plan_.places.push_back({.part = part, .index = list.size()});
    shown_.push_back(about(feature, ""));
    list.push_back(feature);
  }

  static PlannedFeature about(const Definition& feature, std::string_view unit) {
    return {.name = feature.name,
            .expression = feature.expression,
            .unit = feature.unit.empty() ? std::string(unit) : feature.unit,
            .warmup = feature.warmup};
  }

  /// A call of a universe kernel at the root of a feature, perhaps with `.output`.
  bool place_universe(const Definition& feature, const Expression& root) {
    const bool has_member = root.type == Expression::Type::member;
    const Expression& call = has_member ? root.operands[0] : root;
    if (call.type != Expression::Type::call) return false;
    const UniverseKernel* kernel = find_universe_kernel(call.name);
    if (kernel == nullptr) return false;
    PlannedUniverse universe{.kernel = kernel};
    std::vector<Complaint> complaints;
    universe.parameters = read_parameters(kernel->info, call.at, call.arguments, complaints);
    for (const Complaint& complaint : complaints) complaints_.add(feature, complaint.at, complaint.message);
    const auto required = static_cast<std::size_t>(std::count_if(
        kernel->info.inputs.begin(), kernel->info.inputs.end(), [](const InputInfo& one) { return !one.is_optional; }));
    if (call.operands.size() < required || call.operands.size() > kernel->info.inputs.size()) {
      complaints_.add(feature, call.at,
                      fmt::format("{} takes {} to {} inputs, was given {}", call.name, required,
                                  kernel->info.inputs.size(), call.operands.size()));
      return true;
    }
    if (has_member && !find_output(feature, root, kernel->info, universe)) return true;
    for (std::size_t i = 0; i < call.operands.size(); ++i) {
      Definition input = feature;
      input.name = fmt::format("{} input {}", feature.name, i + 1);
      input.expression = text_of(call.operands[i]);
      if (!finder_.use_of(call.operands[i]).is_own()) {
        complaints_.add(feature, call.operands[i].at, "a universe looks at features of one instrument, without legs");
      }
      universe.inputs.push_back(own_.size());
      own_.push_back(std::move(input));
    }
    plan_.places.push_back({.part = Part::universe, .index = plan_.universes.size()});
    shown_.push_back(about(feature, kernel->info.doc.unit));
    plan_.universes.push_back(std::move(universe));
    return true;
  }

  bool find_output(const Definition& feature, const Expression& root, const KernelInfo& kernel,
                   PlannedUniverse& universe) {
    for (std::uint32_t i = 0; i < kernel.outputs.size(); ++i) {
      if (kernel.outputs[i].name != root.name) continue;
      universe.output = i;
      return true;
    }
    complaints_.add(feature, root.at, fmt::format("{} has no output `{}`", kernel.doc.name, root.name));
    return false;
  }

  std::vector<std::string> legs_of(const std::vector<Definition>& features, bool has_row) {
    std::vector<std::string> legs;
    if (has_row) legs.emplace_back(row_leg);
    for (const Definition& feature : features) {
      for (const std::string& leg : finder_.use_of(feature.name).all) {
        if (std::find(legs.begin(), legs.end(), leg) == legs.end()) legs.push_back(leg);
      }
    }
    if (legs.size() > most_legs) {
      fail(Fault::config, "feature set {}: expected at most {} legs in its features, were {}: {}", set_.name, most_legs,
           legs.size(), fmt::join(legs, ", "));
    }
    return legs;
  }

  /// The part's features, with all other definitions as names.
  std::shared_ptr<const Plan> resolve(const std::vector<Definition>& features, std::vector<std::string> legs) {
    if (features.empty()) return nullptr;
    FeatureSet part{.name = set_.name, .file = set_.file, .lets = set_.lets, .features = features, .legs = set_.legs};
    part.tolerance = set_.tolerance;
    part.venues = set_.venues;
    for (const Definition& feature : set_.features) {
      const bool is_in = std::any_of(features.begin(), features.end(),
                                     [&](const Definition& one) { return one.name == feature.name; });
      if (!is_in && universes_.count(feature.name) == 0) part.lets.push_back(feature);
    }
    std::vector<std::string_view> names;
    for (const KernelInfo* kernel : all_kernels()) names.push_back(kernel->doc.name);
    return Resolver(part, find_kernel, names, std::move(legs)).resolve();
  }

  void describe() {
    if (plan_.row == nullptr && plan_.fixed == nullptr && plan_.universes.empty() && plan_.legs.empty()) {
      plan_.all = plan_.own;
      return;
    }
    Plan all{.profile = set_.name, .features = std::move(shown_)};
    std::uint64_t hash = fnv1a("millrace cross plan 1");
    for (const auto& part : {plan_.own, plan_.row, plan_.fixed}) {
      if (part == nullptr) continue;
      all.columns = all.columns | part->columns;
      hash = fnv1a(fmt::format("{:016x}", part->fingerprint), hash);
    }
    for (const PlannedUniverse& one : plan_.universes) {
      hash = fnv1a(fmt::format("{} {}", one.kernel->info.doc.name, one.parameters.text), hash);
    }
    for (const Leg& leg : plan_.legs) hash = fnv1a(fmt::format("{}={}", leg.name, leg.instrument), hash);
    all.fingerprint = hash;
    for (std::size_t i = 0; i < all.features.size(); ++i) {
      const auto [part, index] = plan_.places[i];
      if (part == Part::own) all.features[i] = plan_.own->features[index];
      if (part == Part::row) all.features[i] = plan_.row->features[index];
      if (part == Part::fixed) all.features[i] = plan_.fixed->features[index];
      if (part != Part::universe) continue;
      for (const std::size_t input : plan_.universes[index].inputs) {
        all.features[i].columns = all.features[i].columns | plan_.own->features[input].columns;
      }
    }
    plan_.all = std::make_shared<const Plan>(std::move(all));
  }

  const FeatureSet& set_;
  LegFinder finder_;
  Complaints complaints_;
  CrossPlan plan_;
  std::vector<PlannedFeature> shown_;
  std::vector<Definition> own_, row_, fixed_;
  std::set<std::string> universes_;  // features that no part can compute
};

}  // namespace

CrossPlan make_cross_plan(const FeatureSet& set) {
  if (set.features.empty()) fail(Fault::config, "feature set {}: expected at least one feature", set.name);
  if (set.features.size() + set.lets.size() > most_definitions) {
    fail(Fault::config, "feature set {}: expected at most {} definitions", set.name, most_definitions);
  }
  return Cutter(set).cut();
}

}  // namespace millrace
